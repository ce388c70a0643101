import type { ResolvedConfig, UserConfig } from 'vite'

/** A library has no pages, and what is watched or developed is not published. */
export function isIdle(user: UserConfig, command: 'build' | 'serve'): boolean {
  return command === 'serve' || Boolean(user.build?.watch || user.build?.lib)
}

export function whyIdle(config: ResolvedConfig): string {
  return config.build.lib
    ? 'a library has no pages: addresses are left as they are and nothing is sent'
    : 'watching: addresses are left as they are and nothing is sent'
}
