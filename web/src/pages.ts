import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/components.css";
import "./styles/channels.css";
import "./styles/users.css";
import "./styles/user.css";
import "./styles/bulk.css";
import "./styles/marks.css";
import "./styles/merge.css";
import "./styles/conversation.css";
import "./styles/exports.css";
import "./styles/imports.css";
import "./styles/guide.css";

import { bulk } from "./bulk";
import { columns } from "./columns";
import { attach } from "./attach";
import { attributes } from "./attributes";
import { composer } from "./composer";
import { conversation, toEnd } from "./conversation";
import { drafts } from "./drafts";
import { fields } from "./fields";
import { htmx } from "./htmx";
import { links } from "./links";
import { list } from "./list";
import { live, refresh } from "./live";
import { marks } from "./marks";
import { opened } from "./opened";
import { passkeys } from "./passkeys";
import { search } from "./search";
import { selection } from "./selection";
import { shown } from "./shown";
import { tabs } from "./tabs";
import { times } from "./times";
import { failures } from "./toasts";
import { unsaved } from "./unsaved";
import { upload } from "./upload";

failures();
tabs();
conversation();
shown(toEnd);
document.addEventListener("tab", toEnd);
drafts();
links();
composer(() => {
  refresh("user");
  toEnd();
});
attach();
attributes();
fields(() => refresh("user"));
list();
selection();
bulk();
columns();
opened();
marks();
search();
passkeys();
unsaved();
upload();
times(() => refresh("user"));
live();

document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, xhr } = (event as CustomEvent<{ requestConfig: { verb: string }; xhr: XMLHttpRequest }>).detail;
  // What was refused (409, 422) changed nothing, and the reason must stay to be read.
  if (xhr.status === 0 || xhr.status >= 400 || requestConfig.verb === "get") return;
  refresh("user");
  // An open list of changes shows what was just done, whatever else is on its way.
  const changes = document.querySelector("#changes[open] > [data-lazy]");
  if (changes) htmx.trigger(changes, "opened", {});
});
