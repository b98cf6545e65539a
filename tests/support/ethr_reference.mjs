// Answers, a line each, what the reference resolver makes of a DID: node ethr_reference.mjs <tools> <url> <chain> <registry>
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [tools, url, chainId, registry] = process.argv.slice(2);
const require = createRequire(`${tools}/package.json`);
const { Resolver } = require("did-resolver");
const { getResolver } = require("ethr-did-resolver");
const { JsonRpcProvider } = require("ethers");

const provider = new JsonRpcProvider(url, Number(chainId), {
    staticNetwork: true,
    cacheTimeout: -1,
    batchMaxCount: 1,
});
const resolver = new Resolver(getResolver({ networks: [{ chainId: Number(chainId), provider, registry }] }));

for await (const did of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await resolver.resolve(did)));
}
