"""A resolution that is no multiple of the bucket step.

What it finds
    Sides of the resolution that bucket_reso_steps does not divide, where buckets are on.

Why it matters
    Buckets are multiples of the step, rounded down: 500 with steps of 64 makes squares of 448 × 448, a fifth less
    than was asked for.

What to do
    Choose a multiple of the step: 512, 768, 1024 for steps of 64.

Known limits
    Tells the square bucket alone; shapes lose more or less. With bucket_no_upscale pictures keep their own size.
"""

from collections.abc import Iterator

from tagmetry.api import Finding, Measurement, NoOptions, Remedies, Rule, Severity, TrainerConfig

rule = Rule(
    id="resolution-off-step",
    severity=Severity.WARNING,
    evidence="documented",
    messages={
        "found": (
            "the resolution {width} × {height} is no multiple of {step}: {n:count} images are trained at "
            "{lost:percent} less than its area"
        ),
    },
    remedies=Remedies(training=("choose a multiple of {step}",)),
)


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    for given, of_dataset, rows in config.of_datasets("resolution"):
        step = of_dataset.value("bucket_reso_steps")
        width, height = given.value
        if not step or step < 1 or not of_dataset.value("enable_bucket") or of_dataset.value("bucket_no_upscale"):
            continue
        if width % step == 0 and height % step == 0:
            continue
        side = int((width * height) ** 0.5 // step) * step
        lost = 1 - side * side / (width * height)
        yield config.finding(
            rule,
            "found",
            config.place_of(given),
            values={"width": str(width), "height": str(height), "step": str(step), "n": len(rows), "lost": lost},
            rows=rows.tolist(),
            measured=Measurement("area_lost", lost, unit="share"),
        )
