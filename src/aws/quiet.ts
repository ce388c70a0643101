/**
 * Call before an AWS SDK client is created: otherwise it prints eight lines about old versions of Node. Which versions
 * are supported is for us to say, and not on a tool's standard error. A function instead of a side-effect import,
 * because bundlers drop those.
 */
export function keepSdkQuiet(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
}
