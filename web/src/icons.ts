// Puts the sprite into the manifest under a name that changes with its content.
export { default } from "./icons.svg?url&no-inline";
