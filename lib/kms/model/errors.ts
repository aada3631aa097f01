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
  outcomeUnknown: {
    kms: 'Keystead.0027',
    status: 504,
    message:
      'The database was lost while this was being saved. It may be saved: look at how it stands before you try again.',
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
  keyDisabled: { kms: 'KMS.0209', status: 400, message: 'The key is disabled.' },
  keyPendingImport: {
    kms: 'KMS.0209',
    status: 400,
    message: 'The key has no key material: it is pending import.',
  },
  keyIdInvalid: {
    kms: 'KMS.0205',
    status: 400,
    message: 'key_id must be the id of a key, alias/<name>, or the URN of an alias.',
  },
  sequenceInvalid: {
    kms: 'KMS.0206',
    status: 400,
    message: 'sequence must be 36 characters in the form of a UUID.',
  },
  bodyInvalid: { kms: 'KMS.0202', status: 400, message: 'The body is not valid JSON.' },
  bodyTooLong: { kms: 'KMS.0203', status: 400, message: 'The body is too long.' },
  parameterMissing: { kms: 'KMS.0204', status: 400, message: '{parameter} is missing.' },
  pathNotFound: { kms: 'KMS.0201', status: 404, message: 'There is no such API.' },
  methodNotSupported: { kms: 'KMS.0215', status: 405, message: 'The method is not supported.' },
  notSupported: { kms: 'KMS.0308', status: 400, message: 'This API is not supported by Keystead.' },
  keyForEncryption: { kms: 'KMS.0334', status: 400, message: 'The key is for encryption and decryption.' },
  keyForSigning: { kms: 'KMS.0335', status: 400, message: 'The key is for signing and verification.' },
  notForSymmetric: { kms: 'KMS.0331', status: 400, message: 'The operation is not for symmetric keys.' },
  notForAsymmetric: { kms: 'KMS.0325', status: 400, message: 'The operation is not for asymmetric keys.' },
  notForHmac: { kms: 'KMS.0341', status: 400, message: 'The operation is not for HMAC keys.' },
  algorithmNotForKey: { kms: 'KMS.0332', status: 400, message: 'The algorithm does not fit the key.' },
  algorithmNotForSymmetric: {
    kms: 'KMS.2105',
    status: 400,
    message: 'The encryption algorithm is not for symmetric keys.',
  },
  algorithmNotForRsa: {
    kms: 'KMS.2106',
    status: 400,
    message: 'The encryption algorithm is not for RSA keys.',
  },
  digestLengthInvalid: {
    kms: 'KMS.0329',
    status: 400,
    message: 'The length of the digest does not match the algorithm.',
  },
  plaintextInvalid: { kms: 'KMS.2101', status: 400, message: 'plain_text is not valid.' },
  plaintextTooLong: { kms: 'KMS.2108', status: 400, message: 'plain_text is too long for the key.' },
  ciphertextInvalid: { kms: 'KMS.2201', status: 400, message: 'The ciphertext cannot be decrypted.' },
  encryptionContextInvalid: { kms: 'KMS.0208', status: 400, message: 'encryption_context is not valid.' },
  randomLengthInvalid: {
    kms: 'KMS.1801',
    status: 400,
    message: 'random_data_length must be 8 to 8192 bits.',
  },
  randomLengthUneven: {
    kms: 'KMS.1802',
    status: 400,
    message: 'random_data_length must be a multiple of 8.',
  },
  dataKeyLengthInvalid: { kms: 'KMS.1901', status: 400, message: 'datakey_length must be 8 to 8192 bits.' },
  dataKeySpecInvalid: { kms: 'KMS.1902', status: 400, message: 'key_spec is not one of the data key specs.' },
  dataKeyLengthUneven: { kms: 'KMS.1903', status: 400, message: 'datakey_length must be a multiple of 8.' },
  dataKeyTooLongForRsa: {
    kms: 'KMS.1904',
    status: 400,
    message: 'A data key under an RSA key can have at most 1520 bits.',
  },
  dataKeyPlaintextInvalid: {
    kms: 'KMS.2102',
    status: 400,
    message: 'plain_text does not have the length of a data key and its digest.',
  },
  dataKeyDigestMismatch: {
    kms: 'KMS.2103',
    status: 400,
    message: 'The digest in plain_text is not that of the data key.',
  },
  dataKeyLengthMismatch: {
    kms: 'KMS.2104',
    status: 400,
    message: 'datakey_plain_length is not the length of the data key.',
  },
  dataKeyCipherLengthMismatch: {
    kms: 'KMS.2204',
    status: 400,
    message: 'datakey_cipher_length is not the length of the data key.',
  },
  originNotExternal: { kms: 'KMS.0309', status: 400, message: 'The key must have external key material.' },
  notPendingImport: { kms: 'KMS.0310', status: 400, message: 'The key is not pending import.' },
  privateKeyDecryptionFailed: {
    kms: 'KMS.0311',
    status: 400,
    message: 'The wrapped key material cannot be unwrapped.',
  },
  externalKeyCannotRotate: {
    kms: 'KMS.0312',
    status: 400,
    message: 'A key with external key material cannot be rotated automatically.',
  },
  rotationNotEnabled: { kms: 'KMS.0313', status: 400, message: 'Rotation is not enabled.' },
  rotationNotSupported: { kms: 'KMS.0319', status: 400, message: 'The key cannot be rotated.' },
  asymmetricCannotRotate: { kms: 'KMS.0324', status: 400, message: 'Asymmetric keys cannot be rotated.' },
  rotationAlreadyEnabled: { kms: 'KMS.2901', status: 400, message: 'Rotation is already enabled.' },
  rotationIntervalInvalid: {
    kms: 'KMS.3001',
    status: 400,
    message: 'rotation_interval must be a whole number of days from 30 to 365.',
  },
  wrappingAlgorithmInvalid: {
    kms: 'KMS.0308',
    status: 400,
    message: 'wrapping_algorithm must be RSAES_OAEP_SHA_256.',
  },
  expirationNotAllowed: {
    kms: 'KMS.0308',
    status: 400,
    message: 'Key material of an asymmetric key cannot have an expiration_time.',
  },
  importTokenExpired: { kms: 'KMS.2601', status: 400, message: 'The import token has expired.' },
  expirationNotInFuture: { kms: 'KMS.2602', status: 400, message: 'expiration_time must be in the future.' },
  importTokenOfOtherKey: {
    kms: 'KMS.2603',
    status: 400,
    message: 'The import token belongs to another key.',
  },
  materialLengthInvalid: {
    kms: 'KMS.2604',
    status: 400,
    message: 'The key material does not have the length the key needs.',
  },
  importTokenInvalid: { kms: 'KMS.2605', status: 400, message: 'The import token is not valid.' },
  materialDiffers: {
    kms: 'KMS.2606',
    status: 400,
    message: 'The key material differs from what was imported before.',
  },
  privateKeyMissing: { kms: 'KMS.2608', status: 400, message: 'encrypted_privatekey is missing.' },
  privateKeyInvalid: { kms: 'KMS.2609', status: 400, message: 'The private key is not valid for the key.' },
  temporaryKeyInvalid: { kms: 'KMS.2610', status: 400, message: 'The temporary key must be 16 or 32 bytes.' },
  materialCannotBeDeletedNow: {
    kms: 'KMS.2701',
    status: 400,
    message: 'Key material can be deleted only while the key is Enabled or Disabled.',
  },
  asymmetricMaterialCannotBeDeleted: {
    kms: 'KMS.2702',
    status: 400,
    message: 'Key material of an asymmetric key cannot be deleted: delete the key.',
  },
  tagNotFound: { kms: 'KMS.0416', status: 404, message: 'No such tag.' },
  tagsTooMany: { kms: 'KMS.0409', status: 400, message: 'A key can have at most 20 tags.' },
  tagActionInvalid: { kms: 'KMS.0404', status: 400, message: 'action must be create or delete.' },
  tagListEmpty: { kms: 'KMS.0401', status: 400, message: 'tags must not be empty.' },
  tagKeyInvalid: { kms: 'KMS.0406', status: 400, message: 'A tag key is not valid.' },
  tagValueInvalid: { kms: 'KMS.0405', status: 400, message: 'A tag value is not valid.' },
  tagKeyLengthInvalid: { kms: 'KMS.0411', status: 400, message: 'A tag key must be 1 to 36 characters.' },
  tagValueLengthInvalid: {
    kms: 'KMS.0410',
    status: 400,
    message: 'A tag value can have at most 43 characters.',
  },
  grantOnlyCreateGrant: {
    kms: 'KMS.2401',
    status: 400,
    message: 'create-grant cannot be the only granted operation.',
  },
  granteeInvalid: { kms: 'KMS.2402', status: 400, message: 'No such grantee.' },
  grantsTooMany: { kms: 'KMS.2404', status: 400, message: 'A key can have at most 100 grants.' },
  grantNotFound: { kms: 'KMS.2501', status: 400, message: 'No such grant.' },
  grantOfOtherKey: { kms: 'KMS.2502', status: 400, message: 'The grant belongs to another key.' },
  aliasInvalid: {
    kms: 'KMS.1101',
    status: 400,
    message: 'An alias is alias/ and 1 to 255 letters, digits, and _ - : / characters.',
  },
  aliasTaken: { kms: 'KMS.1104', status: 400, message: 'The alias already exists in the region.' },
  aliasNotFound: { kms: 'KMS.0207', status: 404, message: 'No such alias.' },
  aliasesTooMany: { kms: 'KMS.0308', status: 400, message: 'A key can have at most 50 aliases.' },
  limitInvalid: { kms: 'KMS.1601', status: 400, message: 'limit is not valid.' },
  markerInvalid: { kms: 'KMS.1602', status: 400, message: 'marker must be a whole number from 0.' },
  offsetInvalid: { kms: 'KMS.1603', status: 400, message: 'offset must be a whole number from 0.' },
  replicaRegionInvalid: {
    kms: 'KMS.3802',
    status: 400,
    message: 'The region cannot hold a replica of the key.',
  },
  notPrimaryRegion: {
    kms: 'KMS.1404',
    status: 400,
    message: 'The operation must be done in the region of the primary key.',
  },
  replicaReadOnly: {
    kms: 'KMS.0106',
    status: 400,
    message: 'The operation is not allowed on a replica key.',
  },
  tokenMissing: {
    kms: 'APIGW.0301',
    status: 401,
    message: 'Incorrect IAM authentication information: no token and no signature.',
  },
  signatureInvalid: {
    kms: 'APIGW.0301',
    status: 401,
    message: 'Incorrect IAM authentication information: verify signature failed.',
  },
  signatureExpired: {
    kms: 'APIGW.0301',
    status: 401,
    message: 'Incorrect IAM authentication information: the date of the signature is not within 15 minutes.',
  },
  tokenInvalid: {
    kms: 'APIGW.0301',
    status: 401,
    message: 'Incorrect IAM authentication information: the token is not valid.',
  },
  projectMismatch: {
    kms: 'KMS.0321',
    status: 403,
    message: 'The project of the address is not the project of the caller.',
  },
  dataKeyCipherLengthInvalid: {
    kms: 'KMS.2202',
    status: 400,
    message: 'datakey_cipher_length must be 1 to 1024 bytes.',
  },
  tagListSizeInvalid: { kms: 'KMS.0407', status: 400, message: 'tags must hold 1 to 20 tags.' },
  tagMatchesInvalid: { kms: 'KMS.0415', status: 400, message: 'matches is not valid.' },
  tagOffsetInvalid: { kms: 'KMS.0417', status: 400, message: 'offset must be a whole number from 0.' },
  tagOffsetNotWanted: { kms: 'KMS.0418', status: 400, message: 'offset is for the action filter only.' },
  requestInvalid: { kms: 'KMS.0214', status: 400, message: 'The request is not valid.' },
  rateExceeded: { kms: 'APIGW.0308', status: 429, message: 'The throttling threshold has been reached.' },
  secondFactorNeeded: {
    kms: 'Keystead.0024',
    status: 401,
    message: 'This user signs in with a second factor: sign requests with an access key instead.',
  },
  accessKeysTooMany: {
    kms: 'Keystead.0025',
    status: 409,
    message: 'A user can have two access keys and has {ids}. Delete one first.',
  },
  accessKeyNotFound: { kms: 'Keystead.0026', status: 404, message: 'The user has no such access key.' },
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
    return errorKmsCode(this.code)
  }

  /** The HTTP status with which the endpoint answers. */
  get status(): number {
    return errors[this.code].status
  }
}

/** The code of the API for a refusal, such as `KMS.0207`. */
export function errorKmsCode(code: ErrorCode): string {
  return errors[code].kms
}

/** The words for a code, with its places filled. */
export function errorMessage(code: ErrorCode, values: Record<string, string | number> = {}): string {
  return errors[code].message.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place))
}

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(errors, value)
}

/** What says nothing about the call: too much to do, or something may have been saved. */
const noRefusals: ReadonlySet<ErrorCode> = new Set(['busy', 'unconfirmed', 'outcomeUnknown'])

/** Whether a verb said no: nothing was changed, and the same call gets the same answer until something else changes. */
export function isRefusal(error: unknown): error is KmsError {
  return error instanceof KmsError && !noRefusals.has(error.code)
}
