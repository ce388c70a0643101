import { relative } from 'node:path'
import { resolveSiteStack, siteStack } from '../../index.ts'
import { refuseFlags } from '../idle-flags.ts'
import type { CommandInput } from '../io.ts'
import { STACK_SITE_OPTIONS } from '../options.ts'
import { tellDocument } from '../reporters/document.ts'
import { loadFor, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const { args, flags, io } = input
  if (flags.cors === false) await refuseFlags(flags, ['--origin'], '--no-cors')
  const { config, sources } = await loadFor(input, STACK_SITE_OPTIONS, args[0])
  const options = resolveSiteStack(config, { cwd: io.cwd, env: io.env, sources })
  const text = (name: string): string | undefined => (typeof flags[name] === 'string' ? flags[name] : undefined)
  const list = (name: string): readonly string[] | undefined =>
    Array.isArray(flags[name]) ? flags[name].map(String) : undefined
  const made = await siteStack(options, {
    name: text('name'),
    domains: list('domain'),
    origins: list('origin'),
    github: text('github'),
    createOnly: flags.createOnly === true,
    root: rootFrom(io.cwd, options.root),
  })
  return tellDocument('site', made, voiceOf(input))
}

/** A template holds no path of this machine. */
function rootFrom(cwd: string, root: string | undefined): string | undefined {
  const path = root === undefined ? '' : relative(cwd, root) || '.'
  return path === '' || path.startsWith('..') ? undefined : path
}
