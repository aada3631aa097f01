// A worker thread that signs and verifies digests; see asymmetric-work.ts.
import { parentPort } from 'node:worker_threads'
import { signDigestSync, verifyDigestSync } from './digest-signature-sync.ts'
import type { DigestResult, DigestTask } from './digest-task.ts'
import { nameOf, type WorkerReply, type WorkerRequest } from './worker-pool.ts'

function perform(task: DigestTask): DigestResult {
  switch (task.kind) {
    case 'sign':
      return signDigestSync(task.algorithm, task.privateKey, task.digest)
    case 'verify':
      return verifyDigestSync(task.algorithm, task.publicKey, task.digest, task.signature)
  }
}

function reply({ id, task }: WorkerRequest<DigestTask>): WorkerReply<DigestResult> {
  try {
    return { id, result: perform(task) }
  } catch (error) {
    return { id, failure: nameOf(error) }
  }
}

parentPort?.on('message', (request: WorkerRequest<DigestTask>) => parentPort?.postMessage(reply(request)))
