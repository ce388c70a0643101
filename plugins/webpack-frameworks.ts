import type { Compiler } from 'webpack'
import type { Framework } from './framework-advice.ts'

/** https://nextjs.org/docs/app/api-reference/config/next-config-js/assetPrefix */
export const NEXT: Framework = {
  name: 'Next.js',
  option: 'assetPrefix',
  file: 'next.config',
  output: 'out',
  server: { unless: "output: 'export'", output: '.next/static', below: '_next/static' },
  takesTrailingSlash: false,
  takesPath: true,
}

/** Whether Next.js runs this compiler: it gives every one aliases that no other config has. */
export function isNext({ options: { resolve } }: Compiler): boolean {
  const { alias } = resolve
  return typeof alias === 'object' && Object.hasOwn(alias, 'private-next-root-dir')
}
