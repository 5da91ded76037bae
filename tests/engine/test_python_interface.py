"""`tagmetry.audit` for Python programs."""

from PIL import Image

import tagmetry


def test_it_can_be_called_more_than_once(tmp_path):
    root = tmp_path / "hat"
    root.mkdir()
    with Image.new("RGB", (64, 64), "red") as image:
        image.save(root / "1.png")
    first, second = tagmetry.audit(root, policy="tagmetry:recommended"), tagmetry.audit(root, policy="sdxl")
    assert (first.dataset.n_images, second.dataset.n_images) == (1, 1)
    assert second.policy.name == "tagmetry/sdxl"
