// A web page, with the real SDK: {settings, options, calls}. It knows who visits from `identify`, the first call.
({ settings, options, calls }) => {
  const analytics = AnalyticsNext.AnalyticsBrowser.load(settings, options)
  const send = {
    identify: ({ userId, traits }) => analytics.identify(userId, traits),
    track: ({ event, properties }) => analytics.track(event, properties),
    page: ({ name, properties }) => analytics.page(name, properties),
    screen: ({ name, properties }) => analytics.screen(name, properties),
    group: ({ groupId, traits }) => analytics.group(groupId, traits),
    alias: ({ userId, previousId }) => analytics.alias(userId, previousId),
  }
  for (const { type, ...call } of calls) send[type](call)
}
