// Passkeys: the browser makes and uses them, the server says what they must be like and checks what was signed.

interface Refusal {
  detail?: string;
}

async function post(address: string, csrf: string, body?: unknown): Promise<Response> {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "X-CSRF-Token": csrf, Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (answer.ok) return answer;
  const said = answer.headers.get("Content-Type")?.includes("json") ? ((await answer.json()) as Refusal).detail : null;
  throw new Error(said ?? answer.statusText);
}

async function add(form: HTMLFormElement): Promise<void> {
  const csrf = form.dataset.csrf ?? "";
  const options = await (await post("/account/passkeys/options", csrf)).json();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = await navigator.credentials.create({ publicKey });
  if (!(made instanceof PublicKeyCredential)) return;
  const name = form.querySelector<HTMLInputElement>("input[name=name]")?.value ?? "";
  await post("/account/passkeys", csrf, { credential: made.toJSON(), name });
  location.reload();
}

async function use(form: HTMLFormElement): Promise<void> {
  const options = await (await post("/sign-in/passkey/options", "")).json();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const signed = await navigator.credentials.get({ publicKey });
  if (!(signed instanceof PublicKeyCredential)) return;
  await post("/sign-in/passkey", "", { credential: signed.toJSON() });
  location.assign(form.dataset.next || "/users");
}

function isPossible(): boolean {
  return (
    "PublicKeyCredential" in window &&
    "parseCreationOptionsFromJSON" in PublicKeyCredential &&
    // Passkeys belong to a name, never to a number.
    !/^[\d.]+$|:/.test(location.hostname)
  );
}

export function passkeys(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    const problem = form.parentElement?.querySelector<HTMLElement>("[data-passkey-problem]");
    if (!isPossible()) {
      form.hidden = true;
      if (problem && form.dataset.unsupported) {
        problem.className = "help";
        problem.textContent = form.dataset.unsupported;
      }
      continue;
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (problem) problem.textContent = "";
      (form.dataset.passkey === "add" ? add(form) : use(form)).catch((error: unknown) => {
        // Who closes the browser's own dialog knows why nothing happened.
        if (problem && !(error instanceof DOMException && error.name === "NotAllowedError")) problem.textContent = String((error as Error).message);
      });
    });
  }
}
