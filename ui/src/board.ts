import './styles/board.css';

import { withWordsOf } from './lib/language.svelte';
import { start } from './lib/start';
import Page from './board/BoardPage.svelte';

withWordsOf('board', 'results');
start(Page);
