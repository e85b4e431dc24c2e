// Runs the npm clients of Google's API as their users do, and prints what each call came to, as JSON.
const [address, key] = process.argv.slice(2);
const { google } = require('googleapis');
const axios = require('axios');
const Perspective = require('perspective-api-client');

const rude = { comment: { text: 'You stupid idiot!' }, requestedAttributes: { TOXICITY: {}, INSULT: {} } };
const label = { comment: { text: 'You stupid idiot!' }, attributeScores: { TOXICITY: { summaryScore: { value: 1 } } } };

async function outcome(call) {
  try {
    const answer = await call();
    return { answer: answer.data || answer };
  } catch (error) {
    if (!error.response) throw error;
    return { message: error.message, status: error.response.status, error: error.response.data.error };
  }
}

async function withGoogleapis() {
  const client = await google.discoverAPI(`${address}/$discovery/rest?version=v1alpha1`);
  const analyze = (resource, more) => outcome(() => client.comments.analyze({ key, resource, ...more }));
  return {
    analyze: await analyze(rude),
    fields: await analyze(rude, { fields: 'attributeScores/TOXICITY/summaryScore/value' }),
    suggestscore: await outcome(() => client.comments.suggestscore({ key, resource: { ...label, clientToken: '7' } })),
    empty: await analyze({ ...rude, comment: { text: '' } }),
    unknown: await analyze({ ...rude, txt: 1 }),
    stranger: await analyze(rude, { key: 'AIzaSyFromGoogle' }),
  };
}

async function withPerspectiveApiClient() {
  axios.interceptors.request.use((call) => {
    call.url = call.url.replace('https://commentanalyzer.googleapis.com', address);
    return call;
  });
  const client = new Perspective({ apiKey: key });
  return {
    analyze: await outcome(() => client.analyze('You <b>stupid</b> idiot!', { attributes: ['toxicity', 'insult'] })),
    whole: await outcome(() => client.analyze({ ...rude, languages: ['en'] })),
    unknown: await outcome(() => client.analyze('You stupid idiot!', { attributes: ['flirtation'] })),
  };
}

(async () => {
  console.log(JSON.stringify({ googleapis: await withGoogleapis(), perspective: await withPerspectiveApiClient() }));
})();
