// Workers, queues, dead letters and the budget.
import { button, byId, list, make, note, row, show, write } from './dom.js'
import { carryOut, chooseOrder, confirmOrder } from './orders.js'
import { ago, duration, errorText, money, plural } from './words.js'

const DAY_MS = 86_400_000

/** Rows that are shown at first. */
const FIRST = 25

let isAllShown = false
let seen
let get
let letters = []

export function prepareWorkers(getJson) {
  get = getJson
  byId('order-all').addEventListener('click', () => chooseOrder({ whom: 'all workers' }))
  byId('stats-all').addEventListener('click', () => void carryOut({ verb: 'stats' }))
  byId('workers-more').addEventListener('click', () => {
    isAllShown = true
    showWorkers(seen)
  })
  byId('letters-show').addEventListener('click', () => void loadLetters())
  byId('letters-all').addEventListener('click', () => sendAgain(letters.filter(isOurs)))
}

/** Ended ones stay in the store; so do those that died without a word. */
const isThere = ({ state, running, waiting, at }, now) =>
  Date.parse(now) - Date.parse(at) < DAY_MS && (['working', 'paused'].includes(state) || running + waiting > 0)

export function showWorkers(overview) {
  seen = overview
  const { instances, at, readOnly, fleet } = overview
  const there = instances.filter((instance) => isThere(instance, at))
  const gone = instances.filter((instance) => !isThere(instance, at))
  const sum = there.reduce((total, { running }) => total + running, 0)
  const group = fleet
    ? ` The group has ${fleet.inService} in service, ${fleet.desired} wished for, ${fleet.max} at most.`
    : ''
  write(
    byId('workers-sum'),
    `${plural(there.length, 'worker')} by their last reports, ${plural(sum, 'image')} in work.${group}`,
  )
  list(byId('workers').tBodies[0], isAllShown ? [...there, ...gone] : there.slice(0, FIRST), {
    keyOf: ({ instance }) => instance,
    create: ({ instance }) => {
      const element = row(7)
      const choose = () => chooseOrder({ whom: instance, instance })
      element.lastElementChild.append(button('Order…', choose, `Give ${instance} an order`))
      element.children[5].className = 'wide name'
      return element
    },
    update: (element, instance) => {
      const { state, running, waiting, reason } = instance
      const texts = [instance.instance, state, String(running), String(waiting), ago(instance.at, at), reason]
      for (const [index, text] of texts.entries()) write(element.children[index], text)
      element.lastElementChild.firstElementChild.disabled = Boolean(readOnly)
    },
  })
  show(byId('workers'), isAllShown ? instances.length > 0 : there.length > 0)
  note(byId('workers-more'), isAllShown ? '' : moreText(there.length - FIRST, gone.length))
  for (const id of ['order-all', 'stats-all']) byId(id).disabled = Boolean(readOnly) || there.length === 0
}

function moreText(unshown, gone) {
  const more = [...(unshown > 0 ? [`${unshown} more`] : []), ...(gone > 0 ? [`${gone} that ended or fell silent`] : [])]
  return more.length > 0 ? `Show ${more.join(', and ')}` : ''
}

const QUEUES = {
  hi: 'hi',
  std: 'std',
  bulk: 'bulk',
  assembly: 'assembly: barriers of open batches',
  dead: 'dead letters',
}

export function showQueues({ queues, readOnly }) {
  list(byId('queues').tBodies[0], queues, {
    keyOf: ({ name }) => name,
    create: () => row(5),
    update: (element, { name, visible, inFlight, delayed, headAgeSeconds }) => {
      const age = headAgeSeconds === undefined ? '' : duration(headAgeSeconds)
      const texts = [QUEUES[name], String(visible), String(inFlight), String(delayed), age]
      for (const [index, text] of texts.entries()) write(element.children[index], text)
    },
  })
  const dead = queues.find(({ name }) => name === 'dead')
  const count = dead ? dead.visible + dead.inFlight : 0
  const none = dead ? 'None.' : 'Not known.'
  write(byId('letters-sum'), count === 0 ? none : `${plural(count, 'message')} that nobody could do.`)
  show(byId('letters-show'), count > 0)
  byId('letters-all').disabled = Boolean(readOnly)
  for (const again of byId('letters').querySelectorAll('button')) again.disabled = Boolean(readOnly)
  if (count === 0) showLetters([])
}

/** They are read only when somebody wants to: a look holds them for a moment. */
async function loadLetters() {
  try {
    showLetters((await get('/api/letters')).letters)
    if (letters.length === 0) write(byId('letters-sum'), 'Somebody else holds them at this moment; try again.')
  } catch (error) {
    note(byId('refused'), errorText(error))
  }
}

const isOurs = ({ kind }) => kind === 'image' || kind === 'assemble'

function showLetters(found) {
  letters = found
  list(byId('letters').tBodies[0], letters, {
    keyOf: ({ id }) => id,
    create: (letter) => {
      const element = row(6)
      element.children[4].className = 'wide name'
      const name = `Send again ${letter.item ?? ''} of ${letter.batch ?? ''}`
      if (isOurs(letter)) element.lastElementChild.append(button('Send again…', () => sendAgain([letter]), name))
      return element
    },
    update: (element, { kind, batch, item, sentAt, reason }) => {
      const texts = [kind, batch, item, ago(sentAt, seen.at), reason]
      for (const [index, text] of texts.entries()) write(element.children[index], text)
    },
  })
  show(byId('letters-box'), letters.length > 0)
  show(byId('letters-all'), letters.filter(isOurs).length > 1)
  write(byId('letters-show'), letters.length > 0 ? 'Look again' : 'Show them')
  for (const again of byId('letters').querySelectorAll('button')) again.disabled = Boolean(seen.readOnly)
}

function sendAgain(some) {
  confirmOrder({
    title: `Send ${some.length === 1 ? 'this message' : plural(some.length, 'message')} once more?`,
    text: 'It goes back to the queue that it came from, unchanged. If it fails again, it comes back here.',
    yes: 'Send again',
    order: { verb: 'redrive', ids: some.map(({ id }) => id) },
    onDone: () => void loadLetters(),
  })
}

export function showMoney({ spending }) {
  show(byId('money'), Boolean(spending))
  if (!spending) return
  const { spent, cap, budgets } = spending
  write(byId('money-sum'), `${money(spent)} of ${money(cap)} spent, by the account as the fleet last wrote it.`)
  byId('money-bar').value = cap === 0 ? 1 : Math.min(1, spent / cap)
  list(byId('budgets'), budgets, {
    keyOf: ([batch]) => batch,
    create: () => make('li', 'name'),
    update: (element, [batch, dollars]) => write(element, `${batch}: up to ${money(dollars)}`),
  })
}
