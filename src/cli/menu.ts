/**
 * What each command is for, in the order of the help. The names of a group stand before its commands: `batch submit`.
 * Apart from what a command needs to run, so that `--help` loads nothing else.
 */
export const MENU = [
  { name: 'init', args: '[root]', summary: 'write the configuration of a site, once; asks for what no flag says' },
  {
    name: 'sync',
    args: '[root] [plan]',
    summary: 'load the site, or a saved plan of it: assets first, then pages, then the switch',
  },
  { name: 'plan', args: '[root]', summary: 'what sync would do and why; writes nothing' },
  {
    name: 'rewrite',
    args: '[root]',
    summary: 'rewriting alone: pages, and a folder of assets that you upload yourself',
  },
  { name: 'explain', args: '<file>', summary: 'one file: class, key, headers and their rules, references' },
  { name: 'releases', args: '', summary: 'what was published, newest first' },
  { name: 'rollback', args: '[release]', summary: 'put an earlier release back: assets before pages, by one command' },
  { name: 'channel', args: '[list|end] [name]', summary: 'list the channels, or end one' },
  { name: 'prune', args: '', summary: 'remove what no kept release names and has not been named for a while' },
  { name: 'remove', args: '<key>', summary: 'take a file down: every copy and version of it' },
  { name: 'verify', args: '', summary: 'compare the store with what was published, or look at the live site: --live' },
  {
    name: 'report',
    args: '<file...>',
    summary: 'what access logs say: requests, bytes and money of each file, most first',
  },
  {
    name: 'estimate',
    args: '[root]',
    summary: 'what the site would cost at each provider in a month, and what a view of a page weighs; sends nothing',
  },
  { name: 'copy', args: '<from> <to>', summary: 'bring everything that was published to another store' },
  { name: 'images', args: '<source>', summary: 'make what pages show of the images of a folder or a store' },
  { name: 'favicon', args: '<file>', summary: "make a site's icons from one picture, and print their tags" },
  { name: 'unlock', args: '[deploy]', summary: 'give a deploy up whose run is dead' },
  { name: 'doctor', args: '', summary: 'find out what the store really does, and what visitors get' },
  {
    name: 'policy',
    args: '<cors|csp|edge|iam> [root]',
    summary: "the documents that a store, a CDN and a page's policy need; changes nothing",
  },
  {
    name: 'stack site',
    args: '[root]',
    summary: 'print a CloudFormation template: bucket, CloudFront, edge function, who may deploy',
  },
  { name: 'serve', args: '<folder>', summary: 'a folder store, or a plain folder, as a CDN on this machine' },
  { name: 'config', args: '', summary: 'the configuration in force, and what each option is for' },
  {
    name: 'completion',
    args: '<bash|zsh|fish>',
    summary: 'lets your shell complete lines; in ~/.bashrc: source <(lading completion bash)',
  },
  { name: 'batch submit', args: '<folder>', summary: 'send a folder of images to be worked at; a second run goes on' },
  { name: 'batch status', args: '<batch>', summary: 'how far a batch is' },
  { name: 'batch watch', args: '<batch>', summary: 'look until a batch has closed' },
  { name: 'batch worker', args: '', summary: 'take work from the queues and do it, until nothing is left' },
  {
    name: 'batch control',
    args: '<verb> [value]',
    choices: ['drain', 'stop', 'pause', 'resume', 'concurrency', 'stats', 'cancel', 'list'],
    summary: 'tell workers: drain, stop, pause, resume, concurrency N, stats, cancel BATCH; or list them',
  },
  {
    name: 'batch dashboard',
    args: '',
    summary: 'a page on this machine that shows batches, workers and queues, and gives orders; for you alone',
  },
  {
    name: 'batch estimate',
    args: '<folder>',
    summary: 'what a batch would cost and take, and what another recipe would save; sends nothing',
  },
  {
    name: 'batch simulate',
    args: '[folder]',
    summary: 'what a fleet would do with a batch, in virtual time: waiting, instances, cost; sends nothing',
  },
  { name: 'batch reassemble', args: '<batch>', summary: 'make the result of a batch again from its receipts' },
  {
    name: 'batch repro',
    args: '<batch> <item>',
    summary: 'fetch one image and render it here as a worker would; the item by its id or its path',
  },
  { name: 'batch dlq', args: '', summary: 'messages that nobody could do, and why' },
  { name: 'batch redrive', args: '[id...]', summary: 'send them once more: all, or those named by id, item or batch' },
  {
    name: 'batch stack',
    args: '',
    summary: 'print a CloudFormation template: queues, store, roles, workers on spot instances',
  },
  { name: 'batch pack', args: '', summary: "make the archive that the stack's workers run, named by its SHA-256" },
] as const

/** The place of one command in the help. */
export interface MenuItem {
  readonly name: string
  readonly args: string
  readonly summary: string
  /** What may stand for its first argument, where `args` does not say so itself: `<cors|csp|edge|iam>`. */
  readonly choices?: readonly string[]
}

export type CommandName = (typeof MENU)[number]['name']
