// Whether links are tracked is asked where there is a link.

function look(): void {
  const text = document.querySelector<HTMLTextAreaElement>("#composer-text");
  const choice = document.getElementById("composer-links");
  if (text && choice) choice.hidden = !/https?:\/\/\S/i.test(text.value);
}

export function links(): void {
  look();
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLTextAreaElement && event.target.id === "composer-text") look();
  });
  document.addEventListener("htmx:afterSettle", look);
}
