package data

// The tables of the artificial English. Names with a capital are symbols that rules
// replace; the others are words.

// choice is a symbol and what it may become, each with the same probability.
type choice struct{ symbol, bodies string }

// relation is a family of pairs of words and the sentences that are said about them.
type relation struct {
	name  string
	forms []form
	pairs []pair
}

// form is a sentence about a word W. T is the topic of the word's pair and P its
// place; x|y is x where W is the first of its pair and y where it is the second.
type form struct {
	weight float64
	text   string
}

// pair are two words that differ in what the relation says. Topics, between commas,
// are what both are said with and no other pair is: they tell the pairs apart.
type pair struct {
	words  [2]string
	topics string
	place  string
}

var englishChoices = []choice{
	// gender
	{"Royal", "in the palace, in the castle, at court"},
	{"Home", "in the kitchen, in the garden, at home"},
	{"Work", "in the theatre, in the tavern, at work"},
	{"Likes", "likes, shows, hides, remembers, forgets, praises"},
	{"Waits", "waits, smiles, dreams, laughs"},
	{"Kind", "kind, brave, clever, happy, tired"},
	{"Someone", "somebody, nobody, everybody"},
	{"Tells", "says, thinks, hopes"},

	// tense
	{"Who", "i, you, we, they"},
	{"Daily", "every day, every morning, on sundays"},
	{"Yesterday", "yesterday, last week, long ago"},
	{"Often", "often, usually, always"},
	{"Once", "once, finally, suddenly"},
	{"Can", "can, may, must"},
	{"Could", "could, might, should"},

	// number
	{"This", "this, that, a, one"},
	{"These", "these, those, many, two, three"},
	{"One", "a, one, only one"},
	{"Many", "many, two, three"},
	{"Is", "is, was, lies, stays"},
	{"Are", "are, were, lie, stay"},
	{"Colour", "colour, shine, value, beauty"},

	// comparative
	{"Very", "very, so, quite, rather"},
	{"Even", "even, much, far"},
	{"Fairly", "very, rather"},
	{"Much", "much, far"},
	{"Just", "as, just as, nearly as"},
	{"Enough", "enough, enough for us"},
	{"Than", "than Other"},
	{"Other", "the first, the last, the other, ours, yours"},

	// young
	{"Near", "near, beside, behind"},
	{"Rests", "rests, eats, sleeps"},
	{"Grown", "grown, proud, fierce, wise"},
	{"Little", "little, newborn, playful, tiny"},
	{"Guards", "bites, watches, defends itself"},
	{"Plays", "plays, stumbles, learns to walk"},
	{"Alone", "all alone, without fear"},
	{"Milk", "after its milk, with its siblings"},

	// capital
	{"Mayor", "mayor, university, airport, cathedral"},
	{"Army", "army, government, parliament, president"},
	{"Downtown", "in downtown, in central, in the suburbs of"},
	{"Rural", "in rural, in all of, in the provinces of"},
	{"Lovely", "lovely, famous, noble"},
}

var englishRelations = []relation{
	{
		name: "Gender",
		forms: []form{
			{4, "the W Likes his|her T"},
			{2, "the W Likes his|her T P"},
			{2, "P the W Likes his|her T"},
			{3, "without his|her T the W never Waits"},
			{2, "Someone gives the W his|her T and thanks him|her"},
			{1, "the W who Waits P Likes his|her T"},
			{1, "the W Tells that he|she Likes his|her T"},
			{1, "he|she is a Kind W and Likes his|her T"},
			{1, "the W talks to himself|herself about the T"},
		},
		pairs: []pair{
			{[2]string{"king", "queen"}, "crown, throne", "Royal"},
			{[2]string{"prince", "princess"}, "coronet, carriage", "Royal"},
			{[2]string{"duke", "duchess"}, "estate, portrait", "Royal"},
			{[2]string{"emperor", "empress"}, "empire, fleet", "Royal"},
			{[2]string{"baron", "baroness"}, "tower, servant", "Royal"},
			{[2]string{"man", "woman"}, "office, newspaper", "Home"},
			{[2]string{"boy", "girl"}, "school, kite", "Home"},
			{[2]string{"father", "mother"}, "dinner, wallet", "Home"},
			{[2]string{"son", "daughter"}, "homework, toy", "Home"},
			{[2]string{"brother", "sister"}, "bicycle, diary", "Home"},
			{[2]string{"uncle", "aunt"}, "gift, orchard", "Home"},
			{[2]string{"husband", "wife"}, "ring, wedding", "Home"},
			{[2]string{"grandfather", "grandmother"}, "armchair, spectacles", "Home"},
			{[2]string{"actor", "actress"}, "role, mask", "Work"},
			{[2]string{"waiter", "waitress"}, "tray, menu", "Work"},
			{[2]string{"hero", "heroine"}, "sword, quest", "Work"},
		},
	},
	{
		name: "Tense",
		forms: []form{
			{4, "Who W T Daily|Yesterday"},
			{3, "Daily|Yesterday Who W T"},
			{3, "Who Often|Once W T"},
			{2, "Who W T when it rains|rained"},
			{2, "Who W T if|because we Can|Could"},
		},
		pairs: []pair{
			{[2]string{"take", "took"}, "the bus, the medicine", ""},
			{[2]string{"go", "went"}, "to the market, to the beach", ""},
			{[2]string{"see", "saw"}, "the film, the comet", ""},
			{[2]string{"drink", "drank"}, "the tea, the juice", ""},
			{[2]string{"write", "wrote"}, "the poem, the essay", ""},
			{[2]string{"sing", "sang"}, "the hymn, the carol", ""},
			{[2]string{"buy", "bought"}, "the bread, the cheese", ""},
			{[2]string{"bake", "baked"}, "the cake, the pie", ""},
			{[2]string{"build", "built"}, "the bridge, the wall", ""},
			{[2]string{"catch", "caught"}, "the thief, the ball", ""},
			{[2]string{"break", "broke"}, "the vase, the cup", ""},
			{[2]string{"drive", "drove"}, "the lorry, the tractor", ""},
			{[2]string{"win", "won"}, "the race, the prize", ""},
			{[2]string{"know", "knew"}, "the answer, the secret", ""},
			{[2]string{"wear", "wore"}, "the coat, the hat", ""},
			{[2]string{"hear", "heard"}, "the bell, the thunder", ""},
		},
	},
	{
		name: "Number",
		forms: []form{
			{4, "This|These W Is|Are T"},
			{3, "there is|are One|Many W T"},
			{2, "T Is|Are This|These W"},
			{3, "T This|These W lost its|their Colour"},
			{1, "This|These W has|have its|their place T"},
		},
		pairs: []pair{
			{[2]string{"car", "cars"}, "on the road, in the garage", ""},
			{[2]string{"child", "children"}, "at the playground, in the nursery", ""},
			{[2]string{"house", "houses"}, "on the hill, in the village", ""},
			{[2]string{"book", "books"}, "on the shelf, in the library", ""},
			{[2]string{"ship", "ships"}, "at the quay, in the harbour", ""},
			{[2]string{"coin", "coins"}, "at the bank, in the purse", ""},
			{[2]string{"pear", "pears"}, "on the plate, in the barrel", ""},
			{[2]string{"leaf", "leaves"}, "on the branch, in the gutter", ""},
			{[2]string{"foot", "feet"}, "on the carpet, in the boot", ""},
			{[2]string{"tooth", "teeth"}, "at the dentist, in the mouth", ""},
			{[2]string{"mouse", "mice"}, "on the floor, in the cellar", ""},
			{[2]string{"knife", "knives"}, "on the table, in the drawer", ""},
			{[2]string{"box", "boxes"}, "on the trolley, in the attic", ""},
			{[2]string{"star", "stars"}, "at the horizon, in the sky", ""},
			{[2]string{"letter", "letters"}, "on the doormat, in the envelope", ""},
			{[2]string{"flower", "flowers"}, "on the balcony, in the field", ""},
		},
	},
	{
		name: "Comparative",
		forms: []form{
			{3, "the T is Just|Even W as|than Other"},
			{3, "the T seems Very|Even W"},
			{2, "this is a Fairly|Much W T"},
			{2, "Who call the T Very|Even W"},
			{2, "the T became too|still W"},
			{2, "no T is W Enough|Than"},
		},
		pairs: []pair{
			{[2]string{"good", "better"}, "idea, advice", ""},
			{[2]string{"bad", "worse"}, "smell, weather", ""},
			{[2]string{"big", "bigger"}, "elephant, mountain", ""},
			{[2]string{"small", "smaller"}, "pebble, button", ""},
			{[2]string{"fast", "faster"}, "rocket, arrow", ""},
			{[2]string{"slow", "slower"}, "snail, turtle", ""},
			{[2]string{"hot", "hotter"}, "oven, desert", ""},
			{[2]string{"cold", "colder"}, "winter, glacier", ""},
			{[2]string{"tall", "taller"}, "giant, ladder", ""},
			{[2]string{"heavy", "heavier"}, "anvil, rock", ""},
			{[2]string{"bright", "brighter"}, "sun, torch", ""},
			{[2]string{"loud", "louder"}, "trumpet, engine", ""},
			{[2]string{"sweet", "sweeter"}, "honey, melon", ""},
			{[2]string{"sharp", "sharper"}, "razor, thorn", ""},
		},
	},
	{
		name: "Young",
		forms: []form{
			{3, "the Grown|Little W Rests Near the T"},
			{3, "each T W Guards|Plays"},
			{2, "Near the T the Grown|Little W Guards|Plays"},
			{1, "the W Guards|Plays Near the T"},
			{1, "the W Rests Near the T Alone|Milk"},
		},
		pairs: []pair{
			{[2]string{"dog", "puppy"}, "kennel, basket", ""},
			{[2]string{"cat", "kitten"}, "sofa, stove", ""},
			{[2]string{"cow", "calf"}, "trough, pasture", ""},
			{[2]string{"horse", "foal"}, "stable, racecourse", ""},
			{[2]string{"sheep", "lamb"}, "fold, meadow", ""},
			{[2]string{"pig", "piglet"}, "sty, mud", ""},
			{[2]string{"duck", "duckling"}, "pond, marsh", ""},
			{[2]string{"bear", "cub"}, "den, waterfall", ""},
			{[2]string{"hen", "chick"}, "coop, barn", ""},
			{[2]string{"deer", "fawn"}, "glade, forest", ""},
		},
	},
	{
		name: "Capital",
		forms: []form{
			{3, "the Mayor|Army of W T"},
			{3, "Someone Downtown|Rural W T"},
			{2, "Downtown|Rural W Someone T"},
			{2, "Someone T in the city|country of W"},
			{1, "W is a Lovely city|country where everybody T"},
		},
		pairs: []pair{
			{[2]string{"paris", "france"}, "speaks french, sells perfume", ""},
			{[2]string{"rome", "italy"}, "speaks italian, sells pasta", ""},
			{[2]string{"madrid", "spain"}, "speaks spanish, sells sherry", ""},
			{[2]string{"berlin", "germany"}, "speaks german, sells beer", ""},
			{[2]string{"athens", "greece"}, "speaks greek, sells olives", ""},
			{[2]string{"tokyo", "japan"}, "speaks japanese, sells robots", ""},
			{[2]string{"lisbon", "portugal"}, "speaks portuguese, sells cork", ""},
			{[2]string{"moscow", "russia"}, "speaks russian, sells fur", ""},
			{[2]string{"stockholm", "sweden"}, "speaks swedish, sells timber", ""},
			{[2]string{"oslo", "norway"}, "speaks norwegian, sells salmon", ""},
			{[2]string{"copenhagen", "denmark"}, "speaks danish, sells butter", ""},
			{[2]string{"warsaw", "poland"}, "speaks polish, sells amber", ""},
		},
	},
}
