import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import type { KeyPair } from '#lib/kms/crypto/key-pair.ts'
import { WorkQueue } from '#lib/kms/crypto/work-queue.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { type KeySpec, materialShape } from '#lib/kms/model/key-spec.ts'
import { GenerationInterrupted, GenerationProcess } from './generation-process.ts'

/** Fresh material. The caller disposes of `material`. */
export type GeneratedMaterial = {
  /** Random bytes, or a PKCS#8 DER private key. */
  material: KeyMaterial
  /** SubjectPublicKeyInfo DER; null for symmetric and MAC keys. */
  publicKey: Buffer | null
}

type Generation = { child: GenerationProcess; slow: WorkQueue; quick: WorkQueue }

/**
 * RSA and everything else wait in lines of their own: a key that takes a millisecond does not wait for one that takes
 * seconds. One is made at a time, and 24 or 256 wait.
 */
const startGeneration = (): Generation => ({
  child: new GenerationProcess(),
  slow: new WorkQueue({ runningMax: 1, backlogMax: 25 }),
  quick: new WorkQueue({ runningMax: 1, backlogMax: 257 }),
})

const shared = Symbol.for('keystead.generation')

/** One per process: a bundle may hold several copies of this module, and each would start a child of its own. */
function generation(): Generation {
  const place = globalThis as { [shared]?: Generation }
  place[shared] ??= startGeneration()
  return place[shared]
}

/** How many key pairs are being made and wait for it in this process, RSA and others together. */
export function generationStatistics(): { running: number; waiting: number } {
  const made = (globalThis as { [shared]?: Generation })[shared]
  const lines = made ? [made.slow.statistics, made.quick.statistics] : []
  const sum = (of: 'running' | 'waiting'): number => lines.reduce((total, line) => total + line[of], 0)
  return { running: sum('running'), waiting: sum('waiting') }
}

/**
 * Makes material for a key of this spec: random bytes here, key pairs in a child process at low priority. Call it
 * before a transaction, never inside one.
 *
 * @throws {KmsError} `busy` if too many RSA keys are being made already, or if the child died twice; nothing was made.
 */
export async function generateMaterial(spec: KeySpec): Promise<GeneratedMaterial> {
  const shape = materialShape(spec)
  if (shape.type === 'secret') return { material: KeyMaterial.random(shape.bytes), publicKey: null }
  const { child, slow, quick } = generation()
  const queue = shape.keyType === 'rsa' ? slow : quick
  const { privateKey, publicKey } = await queue.run(1, () => generateTwice(child, spec))
  return { material: KeyMaterial.take(privateKey), publicKey }
}

/** A child that was killed says nothing about the next one, so one interruption is not the caller's business. */
async function generateTwice(child: GenerationProcess, spec: KeySpec): Promise<KeyPair> {
  try {
    return await child.generate(spec)
  } catch (error) {
    if (!(error instanceof GenerationInterrupted)) throw error
  }
  try {
    return await child.generate(spec)
  } catch (error) {
    if (error instanceof GenerationInterrupted) throw new KmsError('busy', { cause: error })
    throw error
  }
}
