/**
 * Imported before the SDK, which prints eight lines about old versions of Node when it is loaded. Which versions we
 * run on is ours to say, and a tool's standard error is not the place for it.
 */
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
