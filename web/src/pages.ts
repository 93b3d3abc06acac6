import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/components.css";
import "./styles/users.css";
import "./styles/user.css";
import "./styles/conversation.css";
import "./styles/guide.css";

import { columns } from "./columns";
import { composer } from "./composer";
import { conversation, toEnd } from "./conversation";
import { fields } from "./fields";
import "./htmx";
import { list } from "./list";
import { live, refresh } from "./live";
import { opened } from "./opened";
import { passkeys } from "./passkeys";
import { search } from "./search";
import { selection } from "./selection";
import { tabs } from "./tabs";
import { times } from "./times";
import { failures } from "./toasts";
import { unsaved } from "./unsaved";

failures();
tabs();
conversation();
document.addEventListener("tab", toEnd);
composer(() => {
  refresh("user");
  toEnd();
});
fields(() => refresh("user"));
list();
selection();
columns();
opened();
search();
passkeys();
unsaved();
times(() => refresh("user"));
live();

document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, successful } = (event as CustomEvent<{ requestConfig: { verb: string }; successful: boolean }>).detail;
  if (successful && requestConfig.verb !== "get") refresh("user");
});
