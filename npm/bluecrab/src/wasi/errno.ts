// The error codes of WASI preview 1 that this library returns.

export const SUCCESS = 0;
export const EBADF = 8;
export const EEXIST = 20;
export const EFAULT = 21;
export const EILSEQ = 25;
export const EINVAL = 28;
export const EISDIR = 31;
export const EMFILE = 33;
export const ENAMETOOLONG = 37;
export const ENOENT = 44;
export const ENOSYS = 52;
export const ENOTDIR = 54;
export const ENOTSOCK = 57;
export const ENOTSUP = 58;
export const EPERM = 63;
export const EROFS = 69;
export const ESPIPE = 70;

/**
 * Ends a WASI function, which then returns the error code. The guest's code never sees the exception.
 *
 * The class does not extend `Error`: programs look for many files that do not exist, and a stack trace each time would
 * take longer than the function.
 */
export class WasiError {
  readonly errno: number;

  constructor(errno: number) {
    this.errno = errno;
  }
}
