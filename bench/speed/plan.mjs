// What `npm run bench -- speed` measures when nothing is chosen: about 25 minutes on two quiet cores. The slow peers
// run once where the others run several times; what is left out would take longer than it tells.
const ALL = ['first', 'none', 'elsewhere', 'changed', 'touched', 'headers']
const SLOW = ['awscli', 's3-sync-client', 's3cmd']

export const PARTS = [
  { tree: 'site', server: 's3d', latencyMs: 0, rounds: 5, slowRounds: 1, situations: ALL },
  {
    ...{ tree: 'site', server: 's3d', latencyMs: 25, rounds: 3, slowRounds: 1, situations: ALL },
    leftOut: { touched: ['s3cmd'] },
  },
  { tree: 'emoji', server: 's3d', latencyMs: 25, rounds: 3, slowRounds: 1, situations: ['first', 'none', 'changed'] },
  {
    ...{ tree: 'tiny', server: 's3d', latencyMs: 25, rounds: 1, slowRounds: 1, seeded: SLOW },
    situations: ['first', 'none', 'elsewhere', 'changed'],
  },
  {
    tree: 'site',
    server: 'versitygw',
    latencyMs: 0,
    rounds: 3,
    slowRounds: 1,
    situations: ['first', 'none', 'changed'],
  },
]

export const SITUATIONS = {
  first: 'First upload',
  none: 'Nothing changed',
  elsewhere: 'Nothing changed, on a machine without a copy of the manifest or of hashes',
  changed: '1 % of the small files changed',
  touched: 'All files touched, their content equal',
  headers: 'One header rule changed for all files',
}

export const titleOf = ({ tree, server, latencyMs }) => `${tree}, ${server}, ${latencyMs} ms`
