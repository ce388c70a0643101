import { batchStack } from '../../index.ts'
import { archFlag } from '../arch-flag.ts'
import type { CommandInput } from '../io.ts'
import { numberFlag } from '../number-flag.ts'
import { tellDocument } from '../reporters/document.ts'
import { runOf, voiceOf } from '../session.ts'

const FILE = 'lading-batch.json'

const NOTES = [
  'It begins with no instance, and with none it costs next to nothing; the bucket stays when the stack goes.',
  'Without Vpc and Subnets, instances are in the default VPC.',
]

export async function run(input: CommandInput): Promise<number> {
  const { flags, io } = input
  const maxInstances = numberFlag(flags, 'maxInstances', { least: 1, most: 10_000, isWhole: true })
  const lifetimeMinutes = numberFlag(flags, 'lifetime', { least: 10, most: 10_080, isWhole: true })
  const name = typeof flags.name === 'string' ? flags.name : 'lading'
  const bundle = typeof flags.bundle === 'string' ? flags.bundle : undefined
  const text = await batchStack({ arch: archFlag(flags), name, bundle, maxInstances, lifetimeMinutes }, runOf(io))
  const commands = commandsFor(name, bundle)
  return tellDocument('stack', { file: FILE, text, commands, notes: NOTES, leftOut: [] }, voiceOf(input))
}

/** Create or update, and what `submit` has to be told. */
function commandsFor(name: string, bundle: string | undefined): readonly string[] {
  const code = bundle === undefined ? ' --parameter-overrides BundleSha256=SHA256' : ''
  return [
    `aws cloudformation deploy --stack-name ${name} --template-file ${FILE} --capabilities CAPABILITY_NAMED_IAM${code}`,
    `aws cloudformation describe-stacks --stack-name ${name} --query 'Stacks[0].Outputs' --output table`,
    `aws s3 cp ${bundle ?? 'SHA256'}.tar.gz s3://BUCKET/bundles/`,
  ]
}
