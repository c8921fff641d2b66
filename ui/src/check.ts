import './styles/voting.css';

import { withWordsOf } from './lib/language.svelte';
import { start } from './lib/start';
import Page from './check/Check.svelte';

withWordsOf('check', 'voting');
start(Page);
