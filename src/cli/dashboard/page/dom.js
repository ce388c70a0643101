// Everything that is shown goes through here, as text: the names and messages of strangers are never markup.

export const byId = (id) => document.getElementById(id)

/** An element with a class and its children: elements, or text. */
export function make(tag, className = '', ...children) {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...children)
  return element
}

/** A button that is no part of a form. @param name for whoever hears it without what stands around */
export function button(label, onClick, name) {
  const element = make('button', '', label)
  element.type = 'button'
  if (name) element.setAttribute('aria-label', name)
  element.addEventListener('click', onClick)
  return element
}

/** Only what has changed is touched, so that a selection stays and a screen reader is not told again. */
export function write(element, text = '') {
  if (element.textContent !== text) element.textContent = text
}

export function show(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown
}

/** A text that is there or not. */
export function note(element, text) {
  write(element, text ?? '')
  show(element, Boolean(text))
}

/** Makes the children of an element those of a list. An item keeps its element, with its focus and what is open in it. */
export function list(parent, items, { keyOf, create, update }) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]))
  const keys = new Set(items.map(keyOf))
  for (const [key, child] of before) if (!keys.has(key)) child.remove()
  const focused = document.activeElement
  let at = parent.firstElementChild
  for (const item of items) {
    const key = keyOf(item)
    const child = before.get(key) ?? create(item)
    child.dataset.key = key
    update(child, item)
    if (child === at) at = at.nextElementSibling
    else parent.insertBefore(child, at)
  }
  // What is moved loses it.
  if (focused !== document.activeElement && parent.contains(focused)) focused.focus({ preventScroll: true })
}

/** The cells of a table's row; the first one is its head. */
export function row(count) {
  const element = make('tr')
  const head = make('th', 'name')
  head.scope = 'row'
  element.append(head, ...Array.from({ length: count - 1 }, () => make('td')))
  return element
}
