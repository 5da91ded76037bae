"""Saved JSON reports as an overview reads them, small and by hand."""

import json


def finding(number, severity="warning", rule="blurry-image", status="open"):
    return {
        "fingerprint": f"{number:016x}",
        "rule": rule,
        "severity": severity,
        "status": status,
        "message": f"{number}.png is blurred",
        "subject": {"kind": "sample", "name": f"{number}.png", "paths": [f"{number}.png"]},
    }


def saved(file, root, *findings, n_images=20, verdict=None, sha256="a" * 64, metrics=None, **dataset):
    """A JSON report on disk with what an overview reads."""
    n = {name: sum(one["severity"] == name for one in findings) for name in ("error", "warning", "info")}
    data = {
        "format": "tagmetry-report/1",
        "tool": {"name": "tagmetry", "version": "0.1.0"},
        "dataset": {
            "root": root,
            "layout": "plain",
            "n_images": n_images,
            "n_captions": n_images,
            "concepts": [{"name": "a", "role": "train"}, {"name": "reg", "role": "regularization"}],
            **dataset,
        },
        "policy": {
            "name": "tagmetry/recommended",
            "sha256": sha256,
            "profile": {"base_model": {"value": "sdxl"}, "purpose": {"value": None}},
        },
        "metrics": {"effective_n": n_images, "near_duplicate_ratio": 0.25} | (metrics or {}),
        "findings": list(findings),
        "risks": [{"failure_mode": "memorization", "level": "high"}],
        "rules": [
            {"rule": one, "outcome": "clean", "reason": "", "n": 0} for one in ("blurry-image", "missing-caption")
        ],
        "summary": n
        | {"verdict": verdict or ("not-ready" if n["error"] else "ready-with-warnings" if n["warning"] else "ready")},
    }
    file.write_text(json.dumps(data), encoding="utf-8")
    return file
