// The booth's worker for surveys: with the arithmetic of range proofs, and for those who make their
// own codes.

import init, * as bindings from '../../wasm/numbers';
import wasm from '../../wasm/numbers_bg.wasm?url';
import type * as Booth from '../../wasm/booth';
import { boothMethods } from './booth';
import { serve } from './call';

const methods = {
  // Of the same sources; the compiler only sees two classes of one name.
  ...boothMethods(bindings as unknown as typeof Booth),
  /** Makes a code for this election's uuid, and the line that registers its key. */
  register(uuid: string): { code: string; line: string } {
    const registration = bindings.register(uuid);
    const made = { code: registration.code(), line: registration.line() };
    registration.free();
    return made;
  },
};

export type SurveyMethods = typeof methods;

serve(methods, init({ module_or_path: wasm }));
