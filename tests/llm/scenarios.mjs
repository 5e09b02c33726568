// SPDX-License-Identifier: MIT
// The scenarios by name: an answer, a fault of the wire under an answer, or a refusal.
//
//   {answer}                     how a good request is answered (answers.mjs); default: plain
//   {fault}                      what happens to the stream of that answer (faults.mjs)
//   {before}                     'cut' or 'hang' before any header
//   {refusal, times}             an error for the first `times` requests (default: all), then the
//                                answer; the option times=N of the address overrides it
//   {unable}                     an error when the request asks for what the model cannot do
//   {imageLimit}                 takes smaller images only
//   {ignoreStream}               one JSON object although a stream was asked for
import * as answers from './answers.mjs';
import { FAULTS } from './faults.mjs';
import { REFUSALS, UNABLE } from './refusals.mjs';

const ANSWERS = {
    plain: { answer: answers.plain },
    'cites-unsent': { answer: answers.citesUnsent },
    box: { answer: answers.box },
    thinking: { answer: answers.thoughtful },
    tools: { answer: answers.tools },
    'tools-view': { answer: answers.toolsView },
    'tools-parallel': { answer: answers.toolsParallel },
    'tools-forever': { answer: answers.toolsForever },
    'tools-hidden': { answer: answers.toolsHidden },
    'tools-bad': { answer: answers.toolsBad },
    refusal: { answer: answers.refusal },
    'max-tokens': { answer: answers.stopped('max_tokens') },
    'context-exceeded': { answer: answers.stopped('model_context_window_exceeded') },
    'unknown-stop': { answer: answers.stopped('a_reason_of_the_future') },
    'pause-turn': { answer: answers.pauseTurn },
    'unknown-events': { answer: answers.unknown, fault: FAULTS['unknown-events'] },
    'tools-other-forms': { answer: answers.tools, fault: FAULTS['other-forms'] },
};

const SCENARIOS = {
    ...ANSWERS,
    ...REFUSALS,
    ...UNABLE,
    ...Object.fromEntries(
        Object.entries(FAULTS)
            .filter(([name]) => !Object.hasOwn(ANSWERS, name))
            .map(([name, fault]) => [name, { fault }]),
    ),
    'cut-before-headers': { before: 'cut' },
    'silence-before': { before: 'hang' },
    'not-sse-json': { ignoreStream: true },
    // The side is smaller than what the model's page says, as if the service had changed.
    'oversized-image': { imageLimit: { edge: 512, tokens: 400 } },
};

export const scenarioNames = Object.keys(SCENARIOS);

export function scenarioOf(route) {
    if (!Object.hasOwn(SCENARIOS, route.scenario)) return null;
    const scenario = { answer: answers.plain, ...SCENARIOS[route.scenario] };
    const times = route.options.times;
    return times === undefined ? scenario : { ...scenario, times: Number(times) };
}
