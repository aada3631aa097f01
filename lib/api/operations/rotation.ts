import * as z from 'zod'
import { disableRotation } from '#lib/kms/rotation/disable-rotation.ts'
import { enableRotation } from '#lib/kms/rotation/enable-rotation.ts'
import { readRotationStatus } from '#lib/kms/rotation/read-rotation-status.ts'
import { rotateOnDemand } from '#lib/kms/rotation/rotate-on-demand.ts'
import { updateRotationInterval } from '#lib/kms/rotation/update-rotation-interval.ts'
import { operation } from '../operation.ts'
import { keyId, sequence, wholeNumber } from '../schemas/fields.ts'
import { millisecondsText } from '../schemas/key-details.ts'
import { refusedWith } from '../schemas/refused-with.ts'

const keyOnly = z.object({ key_id: keyId, sequence })

const materialStates = { waiting: '0', enabled: '2', deleted: '5' } as const

const switchOperation = (id: string, path: 'enable-key-rotation' | 'disable-key-rotation', summary: string) =>
  operation({
    id,
    group: 'Rotation',
    method: 'POST',
    path: `/v1.0/{project_id}/kms/${path}`,
    summary,
    body: keyOnly,
    result: z.object({}),
    writes: true,
    run: async (ctx, { projectId, body }) => {
      const change = path === 'enable-key-rotation' ? enableRotation : disableRotation
      await change(ctx, { projectId, keyId: body.key_id })
      return {}
    },
  })

/** New material for a key, by the clock and on demand; older versions go on opening what they sealed. */
export const rotationOperations = [
  switchOperation('EnableKeyRotation', 'enable-key-rotation', 'Rotate a key every 365 days'),
  switchOperation('DisableKeyRotation', 'disable-key-rotation', 'Rotate a key no more'),
  operation({
    id: 'UpdateKeyRotationInterval',
    group: 'Rotation',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/update-key-rotation-interval',
    summary: 'Change how often a key is rotated',
    body: z.object({
      key_id: keyId,
      rotation_interval: refusedWith(
        'rotationIntervalInvalid',
        wholeNumber(30, 365).meta({ description: 'Days, 30 to 365.' }),
      ),
      sequence,
    }),
    result: z.object({}),
    writes: true,
    run: async (ctx, { projectId, body }) => {
      const input = { projectId, keyId: body.key_id, intervalDays: body.rotation_interval }
      await updateRotationInterval(ctx, input)
      return {}
    },
  }),
  operation({
    id: 'ShowKeyRotationStatus',
    group: 'Rotation',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/get-key-rotation-status',
    summary: 'Read how and when a key is rotated',
    body: keyOnly,
    result: z.object({
      key_rotation_enabled: z.boolean(),
      rotation_interval: z.int().meta({ description: 'Days.' }),
      last_rotation_time: z.string().meta({ description: 'Milliseconds since 1970; may be empty.' }),
      number_of_rotations: z.int(),
      key_materials: z.array(
        z.object({
          material_id: z.string(),
          charge_id: z.string(),
          create_time: z.string().meta({ description: 'Milliseconds since 1970.' }),
          expiration_time: z.string().meta({ description: 'Milliseconds since 1970; may be empty.' }),
          state: z.string().meta({ description: '0 waiting for rotation, 2 enabled, 5 deleted or expired.' }),
        }),
      ),
    }),
    writes: false,
    run: async (ctx, { projectId, body }) => {
      const status = await readRotationStatus(ctx, { projectId, keyId: body.key_id })
      return {
        key_rotation_enabled: status.enabled,
        rotation_interval: status.intervalDays,
        last_rotation_time: status.lastRotatedAt ? millisecondsText(status.lastRotatedAt) : '',
        number_of_rotations: status.rotations,
        key_materials: status.materials.map((material) => ({
          material_id: material.id,
          charge_id: '',
          create_time: millisecondsText(material.createdAt),
          expiration_time: material.expiresAt ? millisecondsText(material.expiresAt) : '',
          state: materialStates[material.state],
        })),
      }
    },
  }),
  operation({
    id: 'RotateOnDemand',
    group: 'Rotation',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/rotate-on-demand',
    summary: 'Rotate an external key to the material that was imported ahead',
    body: keyOnly,
    result: z.object({ key_id: z.string() }),
    writes: true,
    run: async (ctx, { projectId, body }) => {
      const rotated = await rotateOnDemand(ctx, { projectId, keyId: body.key_id })
      return { key_id: rotated.keyId }
    },
  }),
]
