// Puts the drawings into the manifest under names that change with their content.
export { default as icons } from "./icons.svg?url&no-inline";
export { default as mark } from "./mark.svg?url&no-inline";
