// htmx with the one extension the pages use: swapping by morphing, which keeps what a person is typing.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";

/** Whether an element holds something typed or chosen that is not saved yet, or is where the member is about to type. A
 * field that saves itself and stands as it was saved is shown anew even then: nobody edits what is not so any more. */
function isInUse(node: Node): boolean {
  if (!(node instanceof Element) || !node.matches("[data-keep], [data-unsaved]")) return false;
  return node.hasAttribute("data-dirty") || (!node.matches("[data-save]") && node.contains(document.activeElement));
}

/** Whether an element holds what the reader has opened and the server does not send again. */
function isOpened(node: Node): boolean {
  return node instanceof Element && node.matches("details[open] [data-lazy]");
}

/** A line of the conversation; most are as they were, which the browser finds out faster than a comparison by script. */
function isLine(node: Node): boolean {
  return node instanceof HTMLLIElement && node.matches(".message, .aside, .break");
}

/** Parts whose last answer was not put in whole, as something in them was in use. */
export const heldBack = new WeakSet<Node>();

function morph(target: Node, content: Element[], style: "outerHTML" | "innerHTML"): Node[] {
  const active = document.activeElement;
  heldBack.delete(target);
  const keeps = (old: Node): boolean => {
    const kept = isInUse(old);
    if (kept) heldBack.add(target);
    return kept;
  };
  const nodes = Idiomorph.morph(target as Element, content as never, {
    morphStyle: style,
    // Only of a control: of any other element Idiomorph would leave all that is in it as it was.
    ignoreActiveValue: active?.matches("input, textarea, select") === true && !active.closest("[data-save]:not([data-dirty])"),
    restoreFocus: true,
    callbacks: {
      beforeNodeMorphed: (old: Node, fresh: Node) => {
        if (isLine(old) && old.isEqualNode(fresh)) return false;
        if (keeps(old) || isOpened(old)) return false;
        // What the reader has opened stays open.
        if (old instanceof HTMLDetailsElement && fresh instanceof HTMLDetailsElement) fresh.open = old.open;
        return true;
      },
      beforeNodeRemoved: (old: Node) => !keeps(old),
    },
  }) as Node[];
  // A row that was moved has lost it.
  if (active instanceof HTMLElement && active.isConnected && active !== document.activeElement) {
    active.focus({ preventScroll: true });
  }
  return nodes;
}

htmx.defineExtension("morph", {
  isInlineSwap: (style: string) => style === "morph" || style === "morph:outerHTML",
  handleSwap: (style: string, target: Node, fragment: DocumentFragment | Node) => {
    if (style !== "morph" && !style.startsWith("morph:")) return false;
    const children = [...(fragment as DocumentFragment).children];
    return morph(target, children, style === "morph:innerHTML" ? "innerHTML" : "outerHTML");
  },
} as never);

export { htmx };
