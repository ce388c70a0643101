// The page: the token, the stream of overviews, and what is said when there is none.
import { prepareBatches, showBatches } from './batches.js'
import { byId, list, make, note, show, write } from './dom.js'
import { prepareOrders } from './orders.js'
import { duration, errorText } from './words.js'
import { prepareWorkers, showMoney, showQueues, showWorkers } from './workers.js'

/** Between two attempts to reach the server, in milliseconds. */
const AGAIN_MS = 2000

const NO_TOKEN =
  'This address opens nothing. Open the whole address that the command printed, with what follows the #; it is a new one at each start.'

/** The token stays in this tab, and leaves the address bar. */
function tokenOf() {
  const [, given] = /^#([0-9a-f]{32})$/.exec(location.hash) ?? []
  if (given) sessionStorage.setItem('token', given)
  if (location.hash) history.replaceState(null, '', location.pathname)
  return sessionStorage.getItem('token') ?? ''
}

let token = tokenOf()
addEventListener('hashchange', () => {
  token = tokenOf()
  stream?.abort()
})

const ask = (path, more = {}) =>
  fetch(path, { ...more, headers: { ...more.headers, authorization: `Bearer ${token}` }, cache: 'no-store' })

/** The answer's JSON. Rejects with the facts of an error. */
async function json(path, more) {
  const response = await ask(path, more).catch(() => undefined)
  const answer = await response?.json().catch(() => undefined)
  if (response?.ok && answer) return answer
  throw (
    answer?.error ?? {
      code: 'E_UNREACHABLE',
      message: 'the dashboard did not answer',
      why: response && `HTTP ${response.status}`,
    }
  )
}

const send = async (order) =>
  (
    await json('/api/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    })
  ).text

function display(overview) {
  const { error, place, at, pauseSeconds, readOnly, troubles, moreTroubles } = overview
  note(byId('notice'), error && errorText(error))
  if (error) return
  write(byId('place'), place)
  write(byId('state'), `Seen at ${new Date(at).toLocaleTimeString()}, every ${duration(pauseSeconds)}.`)
  note(byId('read-only'), readOnly && `Read only: orders cannot be given from here.\n${errorText(readOnly)}`)
  const rows = [...troubles.map((trouble) => `${trouble.what} could not be read. ${errorText(trouble)}`)]
  if (moreTroubles > 0) rows.push(`and ${moreTroubles} more`)
  list(byId('troubles'), rows, {
    keyOf: (text) => text,
    create: (text) => make('li', '', text),
    update: () => undefined,
  })
  show(byId('troubles'), rows.length > 0)
  showBatches(overview)
  showWorkers(overview)
  showQueues(overview)
  showMoney(overview)
  show(byId('all'), true)
}

/** Aborted while nobody sees the page: then nothing is looked at for it. */
let stream

async function watch(signal) {
  const response = await ask('/api/watch', { signal })
  if (response.status === 401) return NO_TOKEN
  if (response.status === 503) return 'Sixteen pages watch already. Close one; this one tries again.'
  if (!response.ok) return `The dashboard answered ${response.status}.`
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (let rest = ''; ; ) {
    const { value, done } = await reader.read()
    if (done) return 'The connection was lost; trying again…'
    const lines = (rest + value).split('\n')
    rest = lines.pop()
    const last = lines.filter(Boolean).at(-1)
    if (last) display(JSON.parse(last))
  }
}

async function run() {
  for (;;) {
    if (document.hidden)
      await new Promise((seen) => document.addEventListener('visibilitychange', seen, { once: true }))
    if (document.hidden) continue
    stream = new AbortController()
    const { signal } = stream
    const why = await watch(signal).catch(() => 'The dashboard is not reached; it may have ended. Trying again…')
    if (signal.aborted) continue
    write(byId('state'), '')
    note(byId('notice'), why)
    await new Promise((then) => setTimeout(then, AGAIN_MS))
  }
}

document.addEventListener('visibilitychange', () => document.hidden && stream?.abort())
prepareOrders(send)
prepareBatches(json)
prepareWorkers(json)
void run()
