// graphql-yoga on node:http with graphql-jit, without what costs and the page has no need of: GraphiQL, logging, CORS,
// masked errors, uploads, and the limit of a request's size, which reads every request as a web stream.

import http from 'node:http'

import { useGraphQlJit } from '@envelop/graphql-jit'
import { createSchema, createYoga } from 'graphql-yoga'

import { jitOptions, resolvers, typeDefs } from './page.mjs'

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  plugins: [useGraphQlJit(jitOptions)],
  graphiql: false,
  landingPage: false,
  logging: false,
  maskedErrors: false,
  cors: false,
  multipart: false,
  maxRequestBodySize: false,
})
http.createServer(yoga).listen(Number(process.env.PORT), process.env.HOST)
