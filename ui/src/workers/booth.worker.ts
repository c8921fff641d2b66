// The booth's worker, for elections without numbers.

import init, * as bindings from '../../wasm/booth';
import wasm from '../../wasm/booth_bg.wasm?url';
import { boothMethods } from './booth';
import { serve } from './call';

serve(boothMethods(bindings), init({ module_or_path: wasm }));
