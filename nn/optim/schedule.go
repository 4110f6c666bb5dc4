package optim

import "math"

// Schedule says what the learning rate is.
//
//	opt.LR = schedule.Rate(step)
type Schedule interface {
	// Rate returns the learning rate of a step, counted from 0.
	Rate(step int) float64
}

// Constant is a rate that stays as it is.
type Constant float64

// Rate implements [Schedule].
func (c Constant) Rate(int) float64 { return float64(c) }

// StepDecay multiplies the rate by Factor after every so many steps:
//
//	LR · Factor^⌊step / Every⌋
type StepDecay struct {
	LR     float64
	Every  int     // in steps, 1 or more
	Factor float64 // 0 means 0.1
}

// Rate implements [Schedule]. It panics if Every is 0.
func (s StepDecay) Rate(step int) float64 {
	return s.LR * math.Pow(or(s.Factor, 0.1), float64(step/s.Every))
}

// Cosine goes from LR down to Min along half a cosine, and stays there after Steps:
//
//	Min + (LR - Min)(1 + cos(π step / Steps)) / 2
//
// Loshchilov and Hutter (2017), without restarts. [Warmup] goes before it.
type Cosine struct {
	LR    float64
	Min   float64
	Steps int
}

// Rate implements [Schedule].
func (c Cosine) Rate(step int) float64 {
	if step >= c.Steps {
		return c.Min
	}
	return c.Min + (c.LR-c.Min)*(1+math.Cos(math.Pi*float64(step)/float64(c.Steps)))/2
}

// Warmup raises the rate evenly over its Steps to the first rate of Then, which
// follows as if it began there:
//
//	optim.Warmup{Steps: 100, Then: optim.Cosine{LR: 1e-3, Steps: 900}}
//
// Step 0 has the rate 1/Steps of that, not 0, so that no step is wasted.
type Warmup struct {
	Steps int
	Then  Schedule
}

// Rate implements [Schedule].
func (w Warmup) Rate(step int) float64 {
	if step < w.Steps {
		return w.Then.Rate(0) * float64(step+1) / float64(w.Steps)
	}
	return w.Then.Rate(step - w.Steps)
}

// Plateau divides the rate where a metric stops getting better, as the better
// language model of Deep Learning from Scratch 2 does with the perplexity on the
// validation split after every epoch (chapter 6). Its exported fields are all that
// a checkpoint has to keep.
type Plateau struct {
	LR       float64 // the rate now
	Factor   float64 // multiplies LR; 0 means 1/4, the book's
	Patience int     // how many observations in a row may bring nothing; 0 as in the book
	Best     float64 // the lowest metric observed, if Found
	Found    bool
	Waited   int // how many of them brought nothing since Best or the last change of LR
}

// Observe takes a metric of which less is better and reports whether it is the
// best so far, which is when the book saves the model. NaN and +Inf never are.
func (p *Plateau) Observe(metric float64) (best bool) {
	if metric < math.Inf(1) && (!p.Found || metric < p.Best) {
		p.Best, p.Found, p.Waited = metric, true, 0
		return true
	}
	if p.Waited++; p.Waited > p.Patience {
		p.LR *= or(p.Factor, 0.25)
		p.Waited = 0
	}
	return false
}

// Rate implements [Schedule]: it is LR at every step.
func (p *Plateau) Rate(int) float64 { return p.LR }
