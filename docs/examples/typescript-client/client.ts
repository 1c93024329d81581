import { LateDocument, type TypedDocumentString } from "./generated/graphql.js";

const portal = process.env.PORTAL ?? "http://127.0.0.1:8000";
const token = process.env.TOKEN ?? "";

/** Asks a document by its hash, and sends it along only where it is not known yet. */
async function ask<Answer, Variables>(
  document: TypedDocumentString<Answer, Variables>,
  variables: Variables,
): Promise<Answer> {
  const sha256Hash = document.__meta__?.["hash"];
  const body = { variables, extensions: { persistedQuery: { version: 1, sha256Hash } } };
  let told = await post(body);
  if (told.errors?.[0]?.extensions.code === "PERSISTED_QUERY_NOT_FOUND") {
    told = await post({ ...body, query: document.toString() });
  }
  if (told.errors) throw new Error(JSON.stringify(told.errors));
  return told.data;
}

async function post(body: unknown) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Accept-Language": "de" };
  const answer = await fetch(`${portal}/graphql`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return answer.json();
}

const { exceptions } = await ask(LateDocument, { first: 10 });
for (const one of exceptions?.nodes ?? []) {
  console.log(one.shipment?.number, one.text, one.responsibleParty, one.shipment?.etaAt);
}
