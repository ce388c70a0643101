/**
 * To be called before a client of the AWS SDK is made: it prints eight lines about old versions of Node otherwise. Which
 * versions we run on is ours to say, and a tool's standard error is not the place for it. A call and not an import, for
 * bundlers leave out what is imported for its effect alone.
 */
export function keepSdkQuiet(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
}
