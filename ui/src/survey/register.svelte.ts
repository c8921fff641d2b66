// A code that a respondent's own device makes, and the line that registers its key
// (docs/spec/credentials.md, "Registered keys"). Both are made in the worker. The code is shown
// and saved here, and goes nowhere else: into no request, no address, no storage.

import { connect } from '../workers/call';
import type { SurveyMethods } from '../workers/survey.worker';
import { boothWorker } from '../workers/start';

export class Registration {
  code = $state('');
  line = $state('');
  busy = $state(false);
  /** Whether the code was saved or printed. */
  kept = $state(false);
  failed = $state('');

  constructor(readonly uuid: string) {
    addEventListener('beforeunload', (event) => {
      if (this.code !== '' && !this.kept) event.preventDefault();
    });
  }

  async make(): Promise<void> {
    if (this.busy || this.code !== '') return;
    this.busy = true;
    this.failed = '';
    const worker = boothWorker(true);
    try {
      const { code, line } = await connect<SurveyMethods>(worker).register(this.uuid);
      this.code = code;
      this.line = line;
    } catch (error) {
      this.failed = error instanceof Error ? error.message : String(error);
    } finally {
      worker.terminate();
      this.busy = false;
    }
  }
}
