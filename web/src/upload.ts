// A file that is uploaded as it is, with how far it is: chosen or dropped.

interface Answer {
  address?: string;
  detail?: string;
}

function token(): string {
  const headers: unknown = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  return (headers as Record<string, string>)["X-CSRF-Token"] ?? "";
}

function read(text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return {};
  }
}

function send(form: HTMLFormElement, file: File): void {
  const bar = form.querySelector("progress");
  const problem = form.querySelector<HTMLElement>("[data-upload-problem]");
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  const lost = document.getElementById("toasts")?.dataset.lost ?? "";
  const request = new XMLHttpRequest();
  const failed = (words: string): void => {
    if (problem) {
      problem.textContent = words;
      problem.hidden = false;
    }
    if (bar) bar.hidden = true;
    if (button) button.disabled = false;
  };
  if (problem) problem.hidden = true;
  if (button) button.disabled = true;
  if (bar) bar.hidden = false;
  request.upload.addEventListener("progress", (event) => {
    if (bar && event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => {
    const answer = read(request.responseText);
    if (request.status === 201 && answer.address) window.location.assign(answer.address);
    else failed(answer.detail ?? lost);
  });
  request.addEventListener("error", () => failed(lost));
  request.open("POST", `${form.dataset.upload ?? ""}?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader("X-CSRF-Token", token());
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.send(file);
}

export function upload(): void {
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || event.target.dataset.upload === undefined) return;
    event.preventDefault();
    const file = event.target.querySelector<HTMLInputElement>("input[type=file]")?.files?.[0];
    if (file) send(event.target, file);
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>("form[data-upload]") : null;
      form?.classList.toggle("upload--over", kind === "dragover");
      if (!form) return;
      event.preventDefault();
      const files = (event as DragEvent).dataTransfer?.files;
      const input = form.querySelector<HTMLInputElement>("input[type=file]");
      if (kind === "drop" && input && files && files.length > 0) {
        input.files = files;
        form.requestSubmit();
      }
    });
  }
}
