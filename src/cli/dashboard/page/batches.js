// The batches: a card for each.
import { button, byId, list, make, note, show, write } from './dom.js'
import { confirmOrder } from './orders.js'
import { ago, errorText, rate, until } from './words.js'

/** Closed ones that are shown at first. */
const FIRST = 24

let isAllShown = false
let seen
let get

/** @param getJson asks the server; rejects with the facts of an error */
export function prepareBatches(getJson) {
  get = getJson
  byId('closed-more').addEventListener('click', () => {
    isAllShown = true
    showBatches(seen)
  })
}

export function showBatches(overview) {
  seen = overview
  const open = overview.batches.filter(({ isOpen }) => isOpen)
  const closed = overview.batches.filter(({ isOpen }) => !isOpen)
  const shown = isAllShown ? closed : closed.slice(0, FIRST)
  const card = { keyOf: ({ batch }) => batch, create, update: (element, batch) => update(element, batch, overview) }
  list(byId('open'), open, card)
  list(byId('closed'), shown, card)
  show(byId('no-open'), open.length === 0)
  show(byId('no-closed'), closed.length === 0)
  note(byId('closed-more'), shown.length < closed.length ? `Show all ${closed.length}` : '')
  document.title = open.length === 0 ? 'Batches' : `${open.length} open ${open.length === 1 ? 'batch' : 'batches'}`
}

const parts = new WeakMap()

function create({ batch }) {
  const part = {
    facts: make('p', 'small'),
    bar: make('progress'),
    line: make('p', 'numbers'),
    marks: make('p', 'small'),
    failures: make('details'),
    count: make('summary'),
    names: make('ul', 'small'),
    keys: make('p', 'small'),
    cancel: button('Cancel…', () => cancel(batch), `Cancel ${batch}…`),
    loaded: '',
  }
  part.bar.setAttribute('aria-label', `Progress of ${batch}`)
  part.failures.append(part.count, part.names)
  part.failures.addEventListener('toggle', () => void load(batch, part))
  const orders = make('p', 'orders', part.cancel)
  const title = make('h3', 'name', batch)
  const element = make('article', 'card', title, part.facts, part.bar, part.line, part.marks)
  element.append(part.failures, part.keys, orders)
  parts.set(element, part)
  return element
}

function update(element, batch, { at, readOnly }) {
  const part = parts.get(element)
  const { items, done, failed, closed, isOpen } = batch
  part.bar.max = Math.max(1, items)
  part.bar.value = items === 0 ? 1 : done + failed
  write(part.facts, factsOf(batch, at))
  write(part.line, [batch.line, isOpen ? rate(batch.rate) : ''].filter(Boolean).join(', '))
  note(part.marks, marksOf(batch, at))
  show(part.failures, failed > 0)
  write(part.count, `${failed} failed: which, and why`)
  part.state = `${done} ${failed}`
  void load(batch.batch, part)
  const folder = `b/${batch.batch}/`
  note(part.keys, closed ? `In the store: ${folder}images.json, and a contact sheet, ${folder}index.html` : '')
  show(part.cancel.parentElement, isOpen && !batch.isCancelled)
  part.cancel.disabled = Boolean(readOnly)
}

const factsOf = ({ recipe, lane, createdAt, deadline, isOpen }, now) =>
  [
    `lane ${lane}`,
    `recipe ${recipe}`,
    `submitted ${ago(createdAt, now)}`,
    ...(isOpen ? [`deadline ${until(deadline, now)}`] : []),
  ].join(', ')

function marksOf({ closing, isOpen, isCancelled, closed }) {
  const marks = []
  if (isCancelled) marks.push(isOpen ? 'Cancelled: workers end what has not begun.' : 'Cancelled.')
  if (closed) marks.push(closed)
  if (isOpen && closed) marks.push('It was submitted again, and goes on.')
  if (closing) marks.push(`All have arrived, and it is not closed yet; this does it: ${closing}`)
  return marks.join(' ')
}

/** Asked for while they are looked at, and again when there are others. */
async function load(batch, part) {
  if (!part.failures.open || part.loaded === part.state) return
  part.loaded = part.state
  try {
    const [, failed] = part.state.split(' ')
    const { failures } = await get(`/api/failures?${new URLSearchParams({ batch, failed })}`)
    const lines = failures.map(({ path, code, message }) =>
      make('li', '', make('b', 'name', path), ` ${code} `, make('span', 'name', message)),
    )
    part.names.replaceChildren(...lines)
    const more = Number(failed) - failures.length
    if (more > 0) part.names.append(make('li', '', `and ${more} more`))
  } catch (error) {
    part.loaded = ''
    part.names.replaceChildren(make('li', 'bad', errorText(error)))
  }
}

function cancel(batch) {
  confirmOrder({
    title: `Cancel ${batch}?`,
    text: 'Images that no worker has begun end as cancelled. This cannot be taken back; the images can be submitted again under another name.',
    yes: 'Cancel the batch',
    order: { verb: 'cancel', batch },
  })
}
