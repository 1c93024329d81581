// PostGraphile 5 as its documentation sets it up: tenant from the verified token into a setting, rows by policy.
import { createPublicKey } from "node:crypto";
import { createServer } from "node:http";

import jwt from "jsonwebtoken";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const { PEER_AUDIENCE, PEER_DATABASE_URL, PEER_ISSUER, PEER_JWKS, PEER_PORT } = process.env;
const keys = new Map(
  JSON.parse(PEER_JWKS).keys.map((key) => [key.kid, createPublicKey({ key, format: "jwk" })]),
);

function tenantOf(authorization) {
  const token = (authorization ?? "").replace(/^Bearer /, "");
  const key = keys.get(jwt.decode(token, { complete: true })?.header.kid);
  return jwt.verify(token, key, { algorithms: ["ES256"], issuer: PEER_ISSUER, audience: PEER_AUDIENCE }).tenant;
}

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: PEER_DATABASE_URL, schemas: ["peer"], poolConfig: { max: 16 } })],
  grafserv: { port: Number(PEER_PORT), graphiql: false, watch: false },
  grafast: {
    explain: false,
    context: (request) => ({
      pgSettings: {
        role: "peer_reader",
        "jwt.claims.tenant": tenantOf(request.node?.req.headers.authorization),
      },
    }),
  },
};

const server = createServer();
server.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
const served = postgraphile(preset).createServ(grafserv);
await served.addTo(server);
server.listen(Number(PEER_PORT), "127.0.0.1");

// The bench holds the other end: however it goes, so do we.
process.stdin.resume().on("end", () => process.exit(0));
