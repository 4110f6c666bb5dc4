// Package wordnet reads WordNet, the thesaurus of Deep Learning from Scratch 2,
// section 2.2 and appendix B: which words mean the same, what is a kind of what, and
// how near two meanings are on that tree.
//
//	d, err := wordnet.Open(wordnet.DefaultDir)
//	car := d.Senses("car")[0]    // car.n.01, the most frequent meaning
//	car.Words                    // [car auto automobile machine motorcar]
//	car.HypernymPaths()          // entity, physical entity, ... motor vehicle, car
//	dog, _ := d.Sense("dog.n.01")
//	p, ok := wordnet.PathSimilarity(car, dog)
//
// The two types to know are [Dict] and [Synset]. Read synset.go next, then
// similarity.go.
//
// The files are those of a WordNet database ("dict" folder): index.noun, data.noun
// and so on, described in wndb(5WN). Debian and its kin install them with the
// package wordnet-base; https://wordnet.princeton.edu has them for others.
package wordnet
