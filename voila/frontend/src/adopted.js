/* Stylesheets that scripts bring. The page's policy forbids style elements, and widgets' scripts put some into the
   head all the same: in their places stand-ins are put there, and their text goes to constructed sheets, which the
   policy allows. Only the head is looked after: what is sanitised into a figure has none. */

const sheets = new WeakMap(); // style element -> {sheet, standIn, text}

/** Put a stylesheet on the page. */
export function wear(css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return sheet;
}

let adopting = false;

/** From now on style elements that scripts put into the head are adopted. */
export function adopt() {
  if (adopting) return;
  adopting = true;
  const { head } = document;
  for (const method of ["append", "appendChild", "insertBefore", "prepend"]) {
    head[method] = (...nodes) => {
      Element.prototype[method].apply(head, nodes.map(standIn));
      return nodes[0];
    };
  }
  const { get } = Object.getOwnPropertyDescriptor(HTMLStyleElement.prototype, "sheet");
  Object.defineProperty(HTMLStyleElement.prototype, "sheet", {
    configurable: true,
    get() { return sheets.get(this)?.sheet ?? get.call(this); },
  });
}

// The text may come after the element, or change.
const observer = new MutationObserver(changes => {
  for (const { target } of changes) {
    const style = target.nodeType === Node.TEXT_NODE ? target.parentNode : target;
    const known = sheets.get(style);
    // A script that writes its rules into the sheet adds an empty text.
    if (!known || known.text === style.textContent) continue;
    known.text = style.textContent;
    known.sheet.replaceSync(known.text);
  }
});

function standIn(node) {
  if (!(node instanceof HTMLStyleElement)) return node;
  if (!sheets.has(node)) {
    const sheet = wear(node.textContent);
    const standIn = Object.assign(document.createElement("template"), { id: node.id });
    Object.defineProperty(standIn, "sheet", { value: sheet });
    sheets.set(node, { sheet, standIn, text: node.textContent });
    observer.observe(node, { childList: true, characterData: true, subtree: true });
  }
  return sheets.get(node).standIn;
}
