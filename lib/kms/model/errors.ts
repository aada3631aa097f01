/**
 * Every way in which a verb refuses: the code of the product's API (Huawei KMS, error codes), the HTTP status the
 * endpoint gives it, and the words for a person. `Keystead` codes stand where the API has none.
 */
const errors = {
  invalidInput: { kms: 'KMS.0308', status: 400, message: 'Something in the form is not valid.' },
  keyNotFound: { kms: 'KMS.0207', status: 404, message: 'No such key.' },
  notPermitted: { kms: 'KMS.0307', status: 403, message: 'You do not have permission to do this.' },
  projectNotFound: { kms: 'KMS.0321', status: 403, message: 'No such project.' },
  enterpriseProjectNotFound: { kms: 'KMS.0308', status: 400, message: 'No such enterprise project.' },
  userNotFound: { kms: 'Keystead.0001', status: 404, message: 'No such user.' },
  signedOut: {
    kms: 'KMS.0302',
    status: 403,
    message: 'You are signed out. Sign in again; what you typed is kept.',
  },
  defaultKey: {
    kms: 'KMS.0211',
    status: 400,
    message: 'Default keys are managed by Keystead and cannot be changed.',
  },
  keyPendingDeletion: { kms: 'KMS.0210', status: 400, message: 'The key is pending deletion.' },
  keyNotDisabled: { kms: 'KMS.1201', status: 400, message: 'Only a Disabled key can be enabled.' },
  keyNotEnabled: { kms: 'KMS.1301', status: 400, message: 'Only an Enabled key can be disabled.' },
  pendingDaysInvalid: {
    kms: 'KMS.1401',
    status: 400,
    message: 'Waiting Period must be a whole number of days from 7 to 1096.',
  },
  alreadyPendingDeletion: { kms: 'KMS.1402', status: 400, message: 'The key is already pending deletion.' },
  keyHasReplicas: {
    kms: 'Keystead.0002',
    status: 400,
    message: 'The key has replica keys. Delete them first.',
  },
  keyNotPendingDeletion: {
    kms: 'KMS.1501',
    status: 400,
    message: 'Only a key that is pending deletion can have its deletion canceled.',
  },
  keyNameInvalid: {
    kms: 'KMS.1101',
    status: 400,
    message:
      'Name must be 1 to 255 characters: letters, digits, and _ - : / only, and must not end in /default.',
  },
  keyNameTaken: {
    kms: 'KMS.1104',
    status: 400,
    message: 'A key with this name already exists in the project.',
  },
  keyDescriptionInvalid: {
    kms: 'KMS.1103',
    status: 400,
    message: 'Description can have at most 255 characters.',
  },
  keySpecInvalid: { kms: 'KMS.1110', status: 400, message: 'Choose one of the key algorithms listed.' },
  keyUsageInvalid: { kms: 'KMS.0308', status: 400, message: 'This usage does not fit the key algorithm.' },
  keyOriginInvalid: {
    kms: 'KMS.0308',
    status: 400,
    message: 'This key algorithm cannot use external key material.',
  },
  tagInvalid: { kms: 'KMS.0414', status: 400, message: 'A tag is not valid.' },
  keyQuotaReached: {
    kms: 'KMS.1105',
    status: 400,
    message:
      'The project has reached its quota of {quota} custom keys. Keys pending deletion count until they are gone: wait for one, choose another project, or raise KMS_KEY_QUOTA.',
  },
  idempotencyMismatch: {
    kms: 'Keystead.0003',
    status: 409,
    message: 'This form was already used to create a key with other values. Open Create Key again.',
  },
  changeNotFound: { kms: 'Keystead.0004', status: 404, message: 'No such change.' },
  changeExpired: {
    kms: 'Keystead.0005',
    status: 409,
    message: 'This review is more than 30 minutes old and has expired. Nothing was changed. Review again.',
  },
  changeNotYours: {
    kms: 'Keystead.0015',
    status: 403,
    message: 'Only the person who reviewed a change can apply, stop, retry or undo it.',
  },
  changeNotConfirmed: { kms: 'Keystead.0006', status: 400, message: 'The confirmation is missing.' },
  selectionTooLarge: {
    kms: 'Keystead.0007',
    status: 400,
    message: 'At most 1,000 keys can be listed by id. Use a filter to select more.',
  },
  selectionEmpty: { kms: 'Keystead.0008', status: 400, message: 'Select at least one key.' },
  changedSinceReview: {
    kms: 'Keystead.0009',
    status: 409,
    message: 'Changed since you reviewed it.',
  },
  busy: { kms: 'KMS.0104', status: 503, message: 'Keystead is busy. Try again in a moment.' },
  tooManyAttempts: {
    kms: 'Keystead.0010',
    status: 429,
    message: 'Too many attempts. Try again in {wait}.',
  },
  credentialsInvalid: { kms: 'Keystead.0011', status: 401, message: 'Email or password is not correct.' },
  linkInvalid: {
    kms: 'Keystead.0012',
    status: 400,
    message: 'This link is not valid any more. Ask an administrator for a new one.',
  },
  unconfirmed: {
    kms: 'Keystead.0013',
    status: 504,
    message: 'Saved, but not yet confirmed on every instance.',
  },
  foreignOrigin: {
    kms: 'Keystead.0016',
    status: 403,
    message: 'This page was not opened at the address of Keystead. Open {publicUrl} and try again.',
  },
  emailInvalid: {
    kms: 'Keystead.0017',
    status: 400,
    message: 'Enter an email address, such as ana@example.com.',
  },
  emailTaken: { kms: 'Keystead.0018', status: 409, message: 'There is a user with this email already.' },
  passwordInvalid: {
    kms: 'Keystead.0019',
    status: 400,
    message: 'Password must be 12 to 128 characters.',
  },
  userSuspended: {
    kms: 'Keystead.0022',
    status: 409,
    message: 'The user is suspended. Resume the user first.',
  },
  lastAdministrator: {
    kms: 'Keystead.0020',
    status: 409,
    message: 'This is the last active KMS Administrator. Make another one first.',
  },
  setUpLinkInvalid: {
    kms: 'Keystead.0023',
    status: 400,
    message:
      'This set-up link is not valid any more. Each start of Keystead prints a new one: use the newest.',
  },
  alreadySetUp: {
    kms: 'Keystead.0021',
    status: 409,
    message: 'Keystead is set up already. Sign in, or ask an administrator for a link.',
  },
  rootKeyMissing: {
    kms: 'Keystead.0014',
    status: 500,
    message: 'The root key of this database is missing.',
  },
  unexpected: { kms: 'KMS.0101', status: 500, message: 'Something went wrong.' },
} as const satisfies Record<string, { kms: string; status: number; message: string }>

export type ErrorCode = keyof typeof errors

/** One message for one field of a form. */
export type FieldError = { field: string; message: string }

type Details = {
  /** Name of the input field the error belongs to. */
  field?: string
  /** Replaces the message of the table by a more exact one. */
  message?: string
  /** Fill the `{name}` places of the message. */
  values?: Record<string, string | number>
  /** When several fields are wrong. */
  fields?: FieldError[]
  cause?: unknown
}

/** The error that verbs throw: a stable code, words that may be shown, never a secret. */
export class KmsError extends Error {
  override readonly name = 'KmsError'
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly fields: FieldError[] | undefined
  readonly values: Record<string, string | number>

  constructor(code: ErrorCode, details: Details = {}) {
    super(details.message ?? errorMessage(code, details.values), { cause: details.cause })
    this.code = code
    this.field = details.field
    this.fields = details.fields
    this.values = details.values ?? {}
  }

  /** The code of the API, such as `KMS.0207`. */
  get kmsCode(): string {
    return errors[this.code].kms
  }

  /** The HTTP status with which the endpoint answers. */
  get status(): number {
    return errors[this.code].status
  }
}

/** The words for a code, with its places filled. */
export function errorMessage(code: ErrorCode, values: Record<string, string | number> = {}): string {
  return errors[code].message.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place))
}

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(errors, value)
}
