import { LadingError } from '../../index.ts'
import { BATCH_DASHBOARD_OPTIONS } from '../batch-options.ts'
import { isLoopback } from '../dashboard/gate.ts'
import { startDashboard } from '../dashboard/server.ts'
import type { CommandInput, Flags } from '../io.ts'
import { placed } from '../placed.ts'
import { portFlag } from '../port-flag.ts'
import { jsonData } from '../reporters/json.ts'
import { wrap } from '../reporters/wrap.ts'
import { batchesFor, voiceOf } from '../session.ts'
import { untilStopped } from '../stopped.ts'

export async function run(input: CommandInput): Promise<number> {
  const { flags, io, words } = input
  const host = hostOf(flags)
  const port = portFlag(flags)
  const { isJson, isQuiet, out, err } = voiceOf(input)
  const batches = await batchesFor(input, BATCH_DASHBOARD_OPTIONS)
  const { env } = io
  const place = {
    ...{ batches, env, label: batches.label },
    placed: (hint: string) => placed(hint, ['batch', 'dashboard', ...words], env),
  }
  const dashboard = await startDashboard({ host, port, place })
  try {
    const { url, port: taken } = dashboard
    const trouble = await batches.signingTrouble()
    if (isJson) out.write(jsonData('dashboard', { url, port: taken, isReadOnly: trouble !== undefined }))
    else {
      if (!isQuiet) err.write(wrap(`Batches of ${batches.label}, for whoever has this address:`, err.columns))
      out.write(`${url}\n`)
      if (trouble && !isQuiet) err.write(wrap(`It is read only: ${trouble.message}.`, err.columns))
      if (!isQuiet) err.write('Ctrl-C ends it.\n')
    }
    if (!isLoopback(host)) err.write(wrap(EXPOSED, err.columns))
    return await untilStopped(io.signal)
  } finally {
    await dashboard.close()
  }
}

const EXPOSED =
  'warning: other machines can reach this, by an address of this one, in figures, in place of what stands above. Who has ' +
  'the token can see and command everything, and it travels without encryption.'

/** @throws E_USAGE for one that others can reach, unless that is meant */
function hostOf({ host, iKnow }: Flags): string {
  const name = typeof host === 'string' ? host.replace(/^\[(.*)\]$/, '$1') : '127.0.0.1'
  if (isLoopback(name) || iKnow === true) return name
  throw new LadingError('E_USAGE', `--host ${name} lets other machines reach the dashboard`, {
    why: 'It speaks plain HTTP: who listens on the way reads the token, and can then command the workers.',
    hint: 'Leave --host out and come through SSH, with the same port on both sides; or add --i-know.',
  })
}
