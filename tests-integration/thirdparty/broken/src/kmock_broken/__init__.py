"""A plugin that can't be imported: something that it needs has gone."""

raise RuntimeError('the flux capacitor has gone')
