// Orders: asked for, confirmed, sent, and told what became of them.
import { byId, make, note, show, write } from './dom.js'
import { errorText } from './words.js'

/** Name, meaning, and how the button that gives the order begins. */
const VERBS = {
  pause: ['Pause', 'takes no new image; what is in work goes on', 'Pause'],
  resume: ['Resume', 'takes images again', 'Resume'],
  concurrency: ['Concurrency', 'sets how many images are rendered at once', 'Set concurrency of'],
  drain: ['Drain', 'finishes what is in work, then ends', 'Drain'],
  stop: ['Stop', 'hands everything back and ends at once', 'Stop'],
}

let send
let asked

/** @param sendOrder posts an order; resolves with the text of what has happened, or rejects with the error's facts */
export function prepareOrders(sendOrder) {
  send = sendOrder
  for (const [verb, [name, what]] of Object.entries(VERBS)) byId('ask-verbs').append(choice(verb, name, what))
  byId('ask-verbs').addEventListener('change', choose)
  byId('ask-no').addEventListener('click', () => byId('ask').close())
  byId('ask-form').addEventListener('submit', (event) => {
    event.preventDefault()
    byId('ask').close()
    void carryOut(asked.order(), asked.onDone)
  })
}

function choice(verb, name, what) {
  const input = make('input')
  Object.assign(input, { type: 'radio', name: 'verb', value: verb, required: true })
  return make('label', 'choice', input, make('span', '', make('b', '', name), ` ${what}`))
}

const chosen = () => byId('ask-form').elements.verb.value

function choose() {
  const verb = chosen()
  askNumber(verb === 'concurrency')
  write(byId('ask-yes'), `${VERBS[verb][2]} ${asked.whom}`)
}

/** A field that is not seen must not be asked to be right. */
function askNumber(isAsked) {
  show(byId('ask-number'), isAsked)
  byId('ask-slots').disabled = !isAsked
}

/** Asks whether that is meant; what is safe has the focus. */
export function confirmOrder({ title, text, yes, order, onDone }) {
  open({ title, text, yes, isChoice: false })
  asked = { order: () => order, onDone }
  byId('ask-no').focus()
}

/** Asks what a worker, or all of them, is to do. @param whom in words */
export function chooseOrder({ whom, instance }) {
  open({ title: `An order to ${whom}`, text: '', yes: 'Give the order', isChoice: true })
  const order = () => {
    const slots = chosen() === 'concurrency' ? { slots: Number(byId('ask-slots').value) } : {}
    return { verb: chosen(), ...slots, ...(instance && { instance }) }
  }
  asked = { order, whom }
}

function open({ title, text, yes, isChoice }) {
  byId('ask-form').reset()
  write(byId('ask-title'), title)
  note(byId('ask-text'), text)
  write(byId('ask-yes'), yes)
  show(byId('ask-verbs'), isChoice)
  byId('ask-verbs').disabled = !isChoice
  askNumber(false)
  byId('ask').showModal()
}

/** Sends an order. What became of it stays until the next one. */
export async function carryOut(order, onDone) {
  note(byId('refused'), '')
  note(byId('done'), 'Telling…')
  try {
    note(byId('done'), await send(order))
    onDone?.()
  } catch (error) {
    note(byId('done'), '')
    note(byId('refused'), errorText(error))
  }
}
