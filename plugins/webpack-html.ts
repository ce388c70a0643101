import type HtmlWebpackPlugin from 'html-webpack-plugin'
import type { Compilation, Compiler } from 'webpack'
import type { PublicUrl } from '../src/index.ts'

/**
 * html-webpack-plugin and HtmlRspackPlugin write no `crossorigin`. With it, errors in scripts from the store keep their
 * message, and a preloaded file is not requested again.
 */
export function addCrossOrigin(compiler: Compiler, compilation: Compilation, url: PublicUrl): void {
  for (const hooksOf of hooksIn(compiler)) {
    hooksOf(compilation).alterAssetTagGroups.tap('lading', (groups) => {
      for (const { attributes } of [...groups.headTags, ...groups.bodyTags]) {
        const address = attributes.src ?? attributes.href
        if (typeof address !== 'string' || !address.startsWith(url.href)) continue
        if (attributes.src !== undefined || attributes.rel === 'stylesheet') attributes.crossorigin ??= 'anonymous'
      }
      return groups
    })
  }
}

/** The second is Rspack's own, which has the hooks of the first. */
const HTML_PLUGINS: ReadonlySet<string> = new Set(['HtmlWebpackPlugin', 'HtmlRspackPlugin'])

function isHtmlPlugin(plugin: unknown): plugin is object {
  return typeof plugin === 'object' && plugin !== null && HTML_PLUGINS.has(plugin.constructor.name)
}

type HooksOf = typeof HtmlWebpackPlugin.getCompilationHooks

/** The plugin is found by its name: importing it would find another copy than the project's. */
function hooksIn(compiler: Compiler): Set<HooksOf> {
  const found = new Set<HooksOf>()
  for (const plugin of compiler.options.plugins) {
    if (!isHtmlPlugin(plugin)) continue
    // By its name it is one of these, whose classes have these statics: html-webpack-plugin since version 4.
    const { getCompilationHooks, getHooks } = plugin.constructor as unknown as Record<string, HooksOf | undefined>
    const hooksOf = getCompilationHooks ?? getHooks
    if (hooksOf !== undefined) found.add(hooksOf)
  }
  return found
}
