package rollup

// Looked takes all places of a unit that was added; several vantages may tell of
// one endpoint.
func (c *Counter) Looked(unit string, places []Place) {
	k := c.now.byID[unit]
	if k == nil {
		return
	}
	type place struct {
		answered bool
		Dead
	}
	var all []*place
	index := map[string]*place{}
	for _, p := range places {
		at := index[p.Endpoint]
		if at == nil {
			at = &place{Dead: Dead{Unit: unit, Name: k.line.Name, Endpoint: p.Endpoint, Target: p.Target, Kind: p.Kind}}
			index[p.Endpoint], all = at, append(all, at)
		}
		if p.Cause == "" {
			at.answered = true
		} else {
			at.From = append(at.From, From{p.Vantage, p.Cause, p.Detail})
		}
	}
	for _, at := range all {
		k.line.Endpoints++
		c.endpoints.Looked++
		if at.answered {
			k.line.Answered++
			c.endpoints.Answered++
			continue
		}
		c.endpoints.Dead++
		c.causes[at.From[0].Cause]++
		c.dead = append(c.dead, at.Dead)
	}
}
